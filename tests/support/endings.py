"""How a claimed job went on, written at once: the worker writes many in one call."""

from datetime import datetime

from schema.database import Database
from schema.jobs import outcomes
from schema.jobs.service import Claim


async def finish(database: Database, claim: Claim) -> bool:
    """The job is done. False: the claim no longer holds, another worker has the job."""
    return (await outcomes.record(database, [outcomes.succeeded(claim)]))[0]


async def fail(database: Database, claim: Claim, error: str, detail: str) -> bool:
    """The job will never succeed by itself. False: the claim no longer holds."""
    return (await outcomes.record(database, [outcomes.failed(claim, error, detail)]))[0]


async def hand_back(database: Database, claim: Claim) -> bool:
    """The worker was told to end, another may begin anew. False: the claim no longer holds."""
    return (await outcomes.record(database, [outcomes.handed_back(claim)]))[0]


async def retry_at(database: Database, claim: Claim, due: datetime, error: str, detail: str) -> bool:
    """This attempt failed, the next is due then. False: the claim no longer holds."""
    return (await outcomes.record(database, [outcomes.again(claim, due, error, detail)]))[0]
