from datetime import UTC, datetime, timedelta, timezone

import pytest
from odmantic import ObjectId
from odmantic.exceptions import DocumentNotFoundError, DocumentParsingError, DuplicateKeyError
from odmantic.query import asc, desc, in_, match, or_
from pydantic import ValidationError

from schema.database import Database
from tests.schema.models import Address, Author, Book, Counter

pytestmark = pytest.mark.anyio


async def _save_counters(database: Database, *values: int) -> list[Counter]:
    return await database.engine.save_all([Counter(name=f"c{value}", value=value) for value in values])


async def test_find_awaited_gives_all_documents(database: Database) -> None:
    counters = await _save_counters(database, 1, 2, 3)
    assert await database.engine.find(Counter) == counters


async def test_find_in_a_loop_reads_every_batch(database: Database) -> None:
    await database.collection(Counter).insert_many({"name": "c", "value": value} for value in range(250))
    found = [counter.value async for counter in database.engine.find(Counter, sort=Counter.value)]
    assert found == list(range(250))


async def test_find_awaited_reads_every_batch(database: Database) -> None:
    await database.collection(Counter).insert_many({"name": "c", "value": value} for value in range(250))
    assert len(await database.engine.find(Counter)) == 250


async def test_a_cursor_keeps_what_it_has_read(database: Database) -> None:
    await _save_counters(database, 1, 2)
    cursor = database.engine.find(Counter)
    read = await cursor
    assert await database.engine.remove(Counter) == 2
    assert await cursor == read
    assert [counter async for counter in cursor] == read


async def test_a_loop_that_was_left_can_be_begun_again(database: Database) -> None:
    await _save_counters(database, 1, 2)
    cursor = database.engine.find(Counter)
    async for _ in cursor:
        break
    assert len([counter async for counter in cursor]) == 2


async def test_find_sorts_by_one_field_or_several(database: Database) -> None:
    await database.engine.save_all([Counter(name="a", value=1), Counter(name="b", value=1), Counter(name="a", value=2)])
    one = await database.engine.find(Counter, sort=desc(Counter.value), limit=1)
    several = await database.engine.find(Counter, sort=(asc(Counter.name), desc(Counter.value)))
    assert [counter.value for counter in one] == [2]
    assert [(counter.name, counter.value) for counter in several] == [("a", 2), ("a", 1), ("b", 1)]


async def test_find_skips_and_limits(database: Database) -> None:
    await _save_counters(database, *range(10))
    found = await database.engine.find(Counter, sort=Counter.value, skip=3, limit=2)
    assert [counter.value for counter in found] == [3, 4]


async def test_find_refuses_arguments_that_make_no_sense(database: Database) -> None:
    with pytest.raises(ValueError, match="limit"):
        database.engine.find(Counter, limit=0)
    with pytest.raises(ValueError, match="skip"):
        database.engine.find(Counter, skip=-1)
    with pytest.raises(TypeError, match="sort"):
        database.engine.find(Counter, sort="value")
    with pytest.raises(TypeError, match="Model"):
        database.engine.find(Address)  # type: ignore[type-var]  # what is tested


async def test_queries_are_combined(database: Database) -> None:
    await _save_counters(database, *range(10))
    queries = (Counter.value > 2, or_(Counter.value < 5, in_(Counter.value, [9])), {"name": {"$ne": "c3"}})
    found = await database.engine.find(Counter, *queries, match(Counter.name, "^c"), sort=Counter.value)
    assert [counter.value for counter in found] == [4, 9]
    assert await database.engine.count(Counter, *queries) == 2


async def test_find_one_gives_the_first_or_none(database: Database) -> None:
    await _save_counters(database, 1, 2)
    first = await database.engine.find_one(Counter, sort=desc(Counter.value))
    assert first is not None
    assert first.value == 2
    assert await database.engine.find_one(Counter, Counter.value == 3) is None


async def test_count_counts_what_matches(database: Database) -> None:
    await _save_counters(database, 1, 2, 3)
    assert await database.engine.count(Counter) == 3
    assert await database.engine.count(Counter, Counter.value >= 2) == 2


async def test_save_inserts_under_the_names_in_the_database(database: Database) -> None:
    author = await database.engine.save(Author(email="a@example.com", name="Ann"))
    document = await database.collection(Author).find_one({"_id": author.id})
    assert document is not None
    assert (document["full_name"], document["email"]) == ("Ann", "a@example.com")


async def test_save_updates_only_the_fields_that_were_modified(database: Database) -> None:
    saved = await database.engine.save(Counter(name="old", value=1))
    one, other = [await database.engine.find_one(Counter, Counter.id == saved.id) for _ in range(2)]
    assert one is not None
    assert other is not None
    one.name = "new"
    other.value = 2
    await database.engine.save(one)
    await database.engine.save(other)
    assert await database.engine.find(Counter) == [Counter(id=saved.id, name="new", value=2)]


async def test_save_overwrites_a_document_of_the_same_id(database: Database) -> None:
    saved = await database.engine.save(Counter(name="old"))
    await database.engine.save(Counter(id=saved.id, name="new", value=7))
    assert await database.engine.find(Counter) == [Counter(id=saved.id, name="new", value=7)]


async def test_save_all_returns_the_documents(database: Database) -> None:
    counters = [Counter(name="a"), Counter(name="b")]
    assert await database.engine.save_all(counters) == counters
    assert await database.engine.find(Counter, sort=Counter.name) == counters


async def test_delete_deletes_the_document(database: Database) -> None:
    first, second = await _save_counters(database, 1, 2)
    await database.engine.delete(first)
    assert await database.engine.find(Counter) == [second]


async def test_delete_refuses_a_document_that_is_not_there(database: Database) -> None:
    with pytest.raises(DocumentNotFoundError):
        await database.engine.delete(Counter(name="never saved"))


async def test_remove_deletes_all_that_match_or_just_one(database: Database) -> None:
    await _save_counters(database, 1, 2, 3, 4)
    assert await database.engine.remove(Counter, Counter.value > 1, just_one=True) == 1
    assert await database.engine.remove(Counter, Counter.value > 1) == 2
    assert await database.engine.remove(Counter, Counter.value > 1) == 0
    assert await database.engine.count(Counter) == 1


async def test_a_referenced_document_is_saved_and_loaded_with_its_owner(database: Database) -> None:
    book = await database.engine.save(Book(title="Postberry", author=Author(email="a@example.com", name="Ann")))
    document = await database.collection(Book).find_one({})
    assert document is not None
    assert document["author"] == book.author.id
    found = await database.engine.find_one(Book, Book.author == book.author.id)
    assert found is not None
    assert found.author.name == "Ann"


async def test_a_change_to_a_referenced_document_is_saved_with_its_owner(database: Database) -> None:
    book = await database.engine.save(Book(title="Postberry", author=Author(email="a@example.com")))
    book.author.name = "Bea"
    await database.engine.save(book)
    assert await database.engine.count(Author, Author.name == "Bea") == 1


async def test_a_missing_referenced_document_is_an_error(database: Database) -> None:
    book = await database.engine.save(Book(title="Postberry", author=Author(email="a@example.com")))
    await database.engine.delete(book.author)
    with pytest.raises(DocumentParsingError, match="author"):
        await database.engine.find_one(Book)


async def test_embedded_documents_are_kept_and_can_be_queried(database: Database) -> None:
    towns = [Address(city="Bonn"), Address(city="Kiel")]
    await database.engine.save(Author(email="a@example.com", addresses=towns))
    found = await database.engine.find_one(Author, Author.home.city == "Jena", {"addresses": {"$size": 2}})
    assert found is not None
    found.addresses[1].city = "Ulm"
    await database.engine.save(found)
    document = await database.collection(Author).find_one({})
    assert document is not None
    assert [address["city"] for address in document["addresses"]] == ["Bonn", "Ulm"]


async def test_a_duplicate_of_a_unique_field_is_refused(database: Database) -> None:
    await database.engine.configure_database([Author])
    await database.engine.save(Author(email="a@example.com"))
    duplicate = Author(email="a@example.com")
    with pytest.raises(DuplicateKeyError) as raised:
        await database.engine.save(duplicate)
    assert raised.value.instance is duplicate
    assert await database.engine.count(Author) == 1


async def test_datetimes_and_uuids_come_back_as_they_were(database: Database) -> None:
    author = await database.engine.save(Author(email="a@example.com"))
    found = await database.engine.find_one(Author)
    document = await database.collection(Author).find_one({})
    assert document is not None
    assert found == author
    assert author.born.tzinfo is document["born"].tzinfo is UTC
    assert (document["born"], document["key"]) == (author.born, author.key)


def test_a_datetime_of_another_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="datetime"):
        Author(email="a@example.com", born=datetime.now(timezone(timedelta(hours=2))))


async def test_the_engines_collection_is_read_as_odmantic_documents_it(database: Database) -> None:
    await _save_counters(database, 1, 2, 3)
    collection = database.engine.get_collection(Counter)
    sums = await collection.aggregate([{"$group": {"_id": None, "sum": {"$sum": "$value"}}}]).to_list(length=None)
    assert sums[0]["sum"] == 6
    assert len(await collection.find({}).to_list(length=2)) == 2


async def test_a_raw_document_becomes_a_model(database: Database) -> None:
    (counter,) = await _save_counters(database, 1)
    raw = await database.collection(Counter).find_one_and_update({}, {"$inc": {"value": 1}}, return_document=True)
    assert raw is not None
    assert Counter.model_validate_doc(raw) == Counter(id=ObjectId(counter.id), name="c1", value=2)
