"""Databases for tests, used again: emptying one is quick, making its indexes anew takes most of a test's time."""

import asyncio
import uuid
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from schema import indexes
from schema.database import connect

Document = dict[str, Any]

_NAMES = frozenset(model.__collection__ for model in indexes.MODELS)


class Databases:
    """Those of one MongoDB, at this URL. Call its methods outside of an event loop."""

    def __init__(self, client: MongoClient[Document], url: str) -> None:
        self._client = client
        self._url = url
        self._usual = self._shape(self._made())
        self._empty: list[str] = []

    def take(self) -> str:
        """The URL of one without documents: new, or with the product's collections and indexes."""
        return self._at(self._empty.pop() if self._empty else _new_name())

    def give_back(self, url: str) -> None:
        """The test is over: empty it for the next, or drop it if it is not the usual one any more."""
        database = self._client[url.rpartition("/")[2].partition("?")[0]]
        self._client.admin.command("killAllSessions", [])  # a program that was killed may have left a transaction open
        database.command("profile", 0)
        if self._shape(database) == self._usual:
            self._empty.append(_emptied(database).name)
        else:
            self._client.drop_database(database)

    def _made(self) -> Database[Document]:
        name = _new_name()
        asyncio.run(_create_indexes(self._at(name)))
        return self._client[name]

    def _at(self, name: str) -> str:
        return self._url.replace("/postberry?", f"/{name}?")

    def _shape(self, database: Database[Document]) -> dict[str, Document]:
        """Options, like a validator, and indexes of the product's collections; none but these makes a difference."""
        options = {found["name"]: found["options"] for found in database.list_collections()}
        return {
            name: {"options": options[name], "indexes": dict(database[name].index_information())}
            for name in _NAMES & options.keys()
        }


def _emptied(database: Database[Document]) -> Database[Document]:
    for name in database.list_collection_names():
        if name in _NAMES:
            database[name].delete_many({})
        else:
            database.drop_collection(name)
    return database


def _new_name() -> str:
    return f"test_{uuid.uuid4().hex}"


async def _create_indexes(url: str) -> None:
    database = await connect(url, app_name="tests")
    await indexes.create(database)
    await database.close()
