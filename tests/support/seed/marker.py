"""What the database says of its demo data: begun with which plan, and whether that was finished."""

from dataclasses import asdict

from pymongo import WriteConcern
from pymongo.database import Database

from schema.engine import Document
from schema.times import utc_now
from tests.support.seed.plan import Plan

_COLLECTION = "demo_data"
_ID = "seed"


def begun(database: Database[Document]) -> Plan | None:
    """The plan of the seed that was begun here, finished or not."""
    marker = database[_COLLECTION].find_one({"_id": _ID})
    return Plan(**marker["plan"]) if marker else None


def is_finished(database: Database[Document]) -> bool:
    """Whether all of it is there."""
    return database[_COLLECTION].find_one({"_id": _ID, "finished_at": {"$ne": None}}) is not None


def begin(database: Database[Document], plan: Plan) -> None:
    """Note the plan before its first document."""
    marker = {"plan": asdict(plan), "begun_at": utc_now(), "finished_at": None}
    database[_COLLECTION].update_one({"_id": _ID}, {"$setOnInsert": marker}, upsert=True)


def finish(database: Database[Document]) -> None:
    """Note the end, once this and all before it is safe on disk."""
    markers = database.get_collection(_COLLECTION, write_concern=WriteConcern("majority", j=True))
    markers.update_one({"_id": _ID}, {"$set": {"finished_at": utc_now()}})
