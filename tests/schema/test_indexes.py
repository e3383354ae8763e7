import asyncio
from typing import Any

import pytest
from odmantic import Model
from pymongo.errors import OperationFailure

from schema.database import Database, connect
from tests.schema.models import Author, Book, Counter, UniqueCounter

pytestmark = pytest.mark.anyio

MODELS: list[type[Model]] = [Author, Book]


async def _indexes(database: Database, model: type[Model]) -> dict[str, Any]:
    return dict(await database.collection(model).index_information())


async def test_configure_database_creates_the_indexes_of_the_models(database: Database) -> None:
    await database.engine.configure_database(MODELS)
    assert (await _indexes(database, Author))["email_1"]["unique"] is True
    assert (await _indexes(database, Book))["title_year"]["key"] == [("title", 1), ("year", -1)]


async def test_configure_database_changes_nothing_the_second_time(database: Database) -> None:
    await database.engine.configure_database([Author])
    before = await _indexes(database, Author)
    await database.engine.configure_database([Author])
    assert await _indexes(database, Author) == before


async def test_programs_that_start_together_configure_the_database_together(mongodb_url: str) -> None:
    programs = [await connect(mongodb_url, app_name=f"tests-{number}") for number in range(6)]
    await asyncio.gather(*(program.engine.configure_database(MODELS) for program in programs))
    assert set(await _indexes(programs[0], Author)) == {"_id_", "email_1"}
    assert set(await _indexes(programs[0], Book)) == {"_id_", "title_year"}
    await asyncio.gather(*(program.close() for program in programs))


async def test_an_index_that_changed_is_replaced_only_on_request(database: Database) -> None:
    await database.collection(Counter).create_index("name")
    with pytest.raises(OperationFailure, match="name_1"):
        await database.engine.configure_database([UniqueCounter])
    await database.engine.configure_database([UniqueCounter], update_existing_indexes=True)
    assert (await _indexes(database, UniqueCounter))["name_1"]["unique"] is True
