"""A subscription has the limits that a request over HTTP has."""

from typing import Any

import pytest

from schema.database import Database
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.jobs import owe
from tests.support.sockets import JOB_UPDATED, listening, socket

pytestmark = pytest.mark.anyio

NOWHERE = "Sm9iOjZiMDI5MTQ2ZTJkMjllZmQxMDkwYTFiOQ"
ANY = f'jobUpdated(id:"{NOWHERE}")'
TOO_MUCH: dict[str, tuple[dict[str, int], str, str]] = {
    "depth": ({"query_max_depth": 2}, f"subscription{{{ANY}{{attempts{{number}}}}}}", "levels of fields"),
    "aliases": ({"query_max_aliases": 1}, f"subscription{{{ANY}{{a:id b:id}}}}", "aliases"),
    "fields": ({"query_max_fields": 2}, f"subscription{{{ANY}{{id kind}}}}", "fields, all fragments"),
    "directives": ({"query_max_directives": 0}, f"subscription{{{ANY}{{id@include(if:true)}}}}", "directives"),
    "cost": ({"query_max_cost": 1}, f"subscription{{{ANY}{{attempts{{number}}}}}}", "it may cost 1"),
}


@pytest.mark.parametrize(("changes", "query", "message"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_one_that_asks_for_too_much_is_refused(
    settings: Settings, changes: dict[str, Any], query: str, message: str
) -> None:
    async with listening(settings.model_copy(update=changes)) as url, socket(url) as client:
        await client.init()
        await client.subscribe(query)
        refusal = await client.receive()
        (error,) = refusal["payload"]
        assert (refusal["type"], error["extensions"]["code"]) == ("error", "QUERY_TOO_COMPLEX")
        assert message in error["message"]
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}


@pytest.mark.parametrize("limit", ["query_max_length", "query_max_tokens"])
async def test_one_that_is_too_long_is_refused(settings: Settings, limit: str) -> None:
    async with listening(settings.model_copy(update={limit: 10})) as url, socket(url) as client:
        await client.init()
        await client.subscribe(JOB_UPDATED, {"id": NOWHERE})
        assert await client.codes() == ["BAD_USER_INPUT"]


async def test_one_over_the_budget_is_refused_and_says_when_to_come_again(
    settings: Settings, database: Database
) -> None:
    job_id = to_global_id("Job", await owe(database))
    frugal = settings.model_copy(update={"query_budget": 20, "query_budget_restore": 1})
    async with listening(frugal) as url, socket(url) as client:
        await client.init()
        for number in range(20):
            await client.watch(job_id, str(number))
            if (message := await client.receive())["type"] == "error":
                break
        (error,) = message["payload"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert 0 < error["extensions"]["retryAfter"] <= 20


async def test_documents_that_cannot_be_read_are_paid_for_as_well(settings: Settings) -> None:
    frugal = settings.model_copy(update={"query_budget": 20, "query_budget_restore": 1})
    async with listening(frugal) as url, socket(url) as client:
        await client.init()
        codes = []
        for _ in range(60):
            await client.subscribe("subscription{")
            codes += await client.codes()
    assert codes[0] == "BAD_USER_INPUT"
    assert "RATE_LIMITED" in codes
