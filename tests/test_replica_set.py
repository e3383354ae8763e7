"""A replica set of several nodes: where the API reads, and what becomes of sign-ups while the primary changes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.administrators import administrator
from tests.support.application import SIGN_UP, Client, ada, serving
from tests.support.backups import succeed
from tests.support.catalog import category_document, product_document
from tests.support.mongodb_sets import ReplicaSet, direct, replicated
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

CATEGORIES = "{ categories { totalCount nodes { id parent { name } } } }"
BY_ID_AND_SLUG = "query($id: ID!, $slug: String!) { node(id: $id) { id } category(slug: $slug) { id } }"
CATALOGUE = "{ products { nodes { id category { name } } } users { nodes { id } } orders { nodes { id } } }"
CREATE = """mutation($parentId: ID!) {
  categoryCreate(input: {name: "Lamps", parentId: $parentId}) { category { id parent { name } } userErrors { code } }
}"""
OWN = """{
  me { user { id } orders { nodes { id } } jobs { nodes { id } } } jobs { nodes { id } } systemStatus { workers { id } }
}"""
CATALOGUE_NAMES = {"categories", "products", "users", "orders"}


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[ReplicaSet]:
    """Two nodes with data, and an arbiter."""
    with replicated(tmp_path / "mongodb", data=2, arbiters=1) as found:
        yield found


@asynccontextmanager
async def shop(settings: Settings, found: ReplicaSet, read_preference: str) -> AsyncIterator[Client]:
    """The API on this set, for an administrator, with a product in a category on both nodes."""
    settings = settings.model_copy(update={"db_url": found.url, "read_preference": read_preference})
    async with serving(settings) as client, AsyncMongoClient[dict[str, Any]](found.url, w=2) as mongodb:
        database = mongodb["postberry"]
        category = category_document()
        await database["categories"].insert_one(category)
        await database["products"].insert_one(product_document((category["_id"],)))
        yield await administrator(client, database)


async def _category_id(admin: Client) -> str:
    (category,) = (await admin.data("{ categories { nodes { id } } }"))["categories"]["nodes"]
    return str(category["id"])


def _asked(port: int, names: set[str], program: str = "postberry-api") -> set[str]:
    """Which of these collections a program has asked this node for since its profiler runs."""
    with direct(port) as node:
        steps = node["postberry"]["system.profile"].find({"appName": program, "op": {"$in": ["query", "command"]}})
        return {step["ns"].partition(".")[2] for step in steps} & names


def _profile(found: ReplicaSet) -> None:
    for port in (found.primary(), found.secondary()):
        with direct(port) as node:
            node["postberry"].command("profile", 2)


async def test_queries_are_answered_by_a_secondary_and_all_else_by_the_primary(
    settings: Settings, pair: ReplicaSet
) -> None:
    primary, secondary = pair.primary(), pair.secondary()
    everything = CATALOGUE_NAMES | {"jobs", "sessions", "workers"}
    async with shop(settings, pair, "secondary") as admin:
        parent_id = await _category_id(admin)
        _profile(pair)
        created = await admin.data(CREATE, {"parentId": parent_id})
        assert created["categoryCreate"]["category"]["parent"] == {"name": "Lighting"}
        await admin.data(OWN)
        assert _asked(secondary, everything) == set()
        asked_before = _asked(primary, {"products"})
        await admin.data(CATALOGUE)
    assert asked_before == set()
    assert _asked(secondary, everything) == CATALOGUE_NAMES
    assert _asked(primary, {"products"}) == set()


async def test_a_dump_is_taken_from_a_secondary_that_is_named_alone(
    settings: Settings, pair: ReplicaSet, tmp_path: Path
) -> None:
    async with AsyncMongoClient[dict[str, Any]](pair.url, w=2) as mongodb:
        await mongodb["postberry"]["users"].insert_one({"_id": 1})
    _profile(pair)
    url = f"mongodb://127.0.0.1:{pair.secondary()}/postberry?directConnection=true"
    await succeed(settings.model_copy(update={"db_url": url}), "dump", tmp_path / "dump")
    assert _asked(pair.secondary(), {"users"}, "postberry-backup") == {"users"}
    assert _asked(pair.primary(), {"users"}, "postberry-backup") == set()


async def test_by_default_all_is_answered_by_the_primary(settings: Settings, pair: ReplicaSet) -> None:
    async with shop(settings, pair, settings.read_preference) as admin:
        _profile(pair)
        await admin.data(CATALOGUE)
        assert _asked(pair.secondary(), CATALOGUE_NAMES) == set()
        assert _asked(pair.primary(), CATALOGUE_NAMES) == CATALOGUE_NAMES


async def test_what_a_secondary_does_not_have_yet_is_found_by_its_id_and_slug(
    settings: Settings, pair: ReplicaSet
) -> None:
    primary, secondary = pair.primary(), pair.secondary()
    async with shop(settings, pair, "secondary") as admin:
        with direct(primary) as leading, direct(secondary) as following:
            following.admin.command("fsync", lock=True)  # it answers, but takes nothing more from the primary
            try:
                category = category_document("New")
                leading["postberry"]["categories"].insert_one(category)
                wanted = {"id": to_global_id("Category", category["_id"]), "slug": category["slug"]}
                found = await admin.data(BY_ID_AND_SLUG, wanted)
                listed = await admin.data(CATEGORIES)
            finally:
                following.admin.command("fsyncUnlock")
    assert found == {"node": {"id": wanted["id"]}, "category": {"id": wanted["id"]}}
    assert listed["categories"]["totalCount"] == 1


async def test_where_a_secondary_is_but_preferred_the_primary_stands_in(settings: Settings, pair: ReplicaSet) -> None:
    async with shop(settings, pair, "secondaryPreferred") as admin:
        assert len((await admin.data(CATALOGUE))["products"]["nodes"]) == 1
        pair.nodes[pair.secondary()].kill()
        assert len((await admin.data(CATALOGUE))["products"]["nodes"]) == 1


async def _signed_up(client: Client, number: int) -> list[str]:
    """Sign up, again by the same key until that is answered; the codes of the times when it was not."""
    codes: list[str] = []
    form = ada(email=f"user{number}@example.com")
    while True:
        answer = (
            await client.post(SIGN_UP, {"input": form}, idempotency_key=f"sign-up-{number}-by-its-own-key")
        ).json()
        if "errors" not in answer:
            assert answer["data"]["userSignUp"]["userErrors"] == []
            return codes
        codes += [error["extensions"]["code"] for error in answer["errors"]]


@pytest.mark.parametrize("fault", ["stepped down", "killed"])
async def test_sign_ups_survive_an_election_and_each_letter_arrives_once(
    settings: Settings, tmp_path: Path, smtp_sink: SmtpSink, fault: str
) -> None:
    with replicated(tmp_path / "mongodb", data=3) as found:
        settings = settings.model_copy(update={"db_url": found.url})
        with running_worker(settings):
            async with serving(settings) as client:
                is_over = asyncio.Event()
                customers = asyncio.create_task(_sign_ups(client, is_over))
                await smtp_sink.arrived(3)
                before = await asyncio.to_thread(_end, found, fault)
                await smtp_sink.arrived(len(smtp_sink.letters) + 5, deadline=60)
                is_over.set()
                signed_up, codes = await customers
                assert await asyncio.to_thread(found.primary) != before
                letters = await smtp_sink.arrived(signed_up, deadline=60)
                await _all_sent(found, signed_up)
        assert set(codes) <= {"TIMEOUT", "INTERNAL_SERVER_ERROR"}
        assert Counter(letter.recipients[0] for letter in smtp_sink.letters) == Counter(
            f"user{number}@example.com" for number in range(signed_up)
        )
        assert len(letters) == signed_up


async def _sign_ups(client: Client, is_over: asyncio.Event) -> tuple[int, list[str]]:
    """How many there were, one after the other for each of three customers, and what was answered otherwise."""
    numbers, codes = count(), list[str]()

    async def shop() -> None:
        while not is_over.is_set():
            codes.extend(await _signed_up(client, next(numbers)))

    await asyncio.gather(*(shop() for _ in range(3)))
    return next(numbers), codes


def _end(found: ReplicaSet, fault: str) -> int:
    """End the primary's time; its port."""
    port = found.primary()
    if fault == "killed":
        found.nodes[port].kill()
    else:
        with direct(port) as node:
            node.admin.command("replSetStepDown", 60, secondaryCatchUpPeriodSecs=10)
    return port


async def _all_sent(found: ReplicaSet, jobs: int) -> None:
    async with AsyncMongoClient[dict[str, Any]](found.url) as mongodb:

        async def sent() -> bool:
            return await mongodb["postberry"]["jobs"].count_documents({"status": "SUCCEEDED"}) == jobs

        await eventually(sent, f"{jobs} jobs that succeeded", 60)
        assert await mongodb["postberry"]["jobs"].count_documents({}) == jobs
