"""Asking for reports, over GraphQL."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.access import Role
from schema.nodes import to_global_id
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.orders import signed_in

pytestmark = pytest.mark.anyio

REQUEST = """
mutation($input: ReportRequestInput!) {
  reportRequest(input: $input) { job { id kind status progress { done } } userErrors { field code message } }
}
"""


@pytest.fixture
async def grace(client: Client, collections: Collections, settings: Settings) -> Client:
    """An administrator."""
    (grace,) = await signed_in(client, collections, settings, ["Grace"], Role.ADMIN)
    return grace


def _form(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    july = {"kind": "SALES", "from": "2026-07-01T00:00:00Z", "to": "2026-08-01T00:00:00Z"}
    return {"input": july | changes}


async def _stored(collections: Collections) -> dict[str, Any]:
    job = await collections.jobs.find_one({"kind": "SALES_REPORT"}) or {}
    return {key: datetime.fromisoformat(value) for key, value in job["payload"].items()}


async def test_a_report_is_owed_to_who_asks_for_it(grace: Client, collections: Collections) -> None:
    payload = (await grace.data(REQUEST, _form()))["reportRequest"]
    job = await collections.jobs.find_one() or {}
    assert payload == {
        "job": {"id": to_global_id("Job", job["_id"]), "kind": "SALES_REPORT", "status": "QUEUED", "progress": None},
        "userErrors": [],
    }
    assert job["owner_id"] == (await collections.users.find_one() or {})["_id"]
    assert job["watchable"] is False
    assert await _stored(collections) == {
        "start": datetime(2026, 7, 1, tzinfo=UTC),
        "end": datetime(2026, 8, 1, tzinfo=UTC),
    }


async def test_times_are_kept_in_utc_and_those_without_a_zone_are_of_utc(
    grace: Client, collections: Collections
) -> None:
    form = _form(**{"from": "2026-07-01T00:00:00+02:00", "to": "2026-07-02T00:00:00"})
    assert (await grace.data(REQUEST, form))["reportRequest"]["userErrors"] == []
    assert await _stored(collections) == {
        "start": datetime(2026, 6, 30, 22, tzinfo=UTC),
        "end": datetime(2026, 7, 2, tzinfo=UTC),
    }


LATER, LONG = "It must be later than `from`.", "It must be at most five years after `from`."
NEVER = "There is no such time of UTC."
REFUSED = {
    "no time at all": ({"from": "2026-07-01T00:00:00Z", "to": "2026-07-01T02:00:00+02:00"}, ["to"], LATER),
    "backwards": ({"from": "2026-07-02T00:00:00Z", "to": "2026-07-01T00:00:00Z"}, ["to"], LATER),
    "too long": ({"from": "2020-01-01T00:00:00Z", "to": "2025-01-01T00:00:01Z"}, ["to"], LONG),
    "all time": ({"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}, ["to"], LONG),
    "before time": ({"from": "0001-01-01T00:00:00+02:00"}, ["from"], NEVER),
    "after time": ({"to": "9999-12-31T23:59:59-02:00"}, ["to"], NEVER),
}


@pytest.mark.parametrize(("changes", "field", "message"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_period_is_refused_and_nothing_is_owed(
    grace: Client, collections: Collections, changes: dict[str, str], field: list[str], message: str
) -> None:
    payload = (await grace.data(REQUEST, _form(**changes)))["reportRequest"]
    assert payload["job"] is None
    assert {"field": field, "code": "INVALID", "message": message} in payload["userErrors"]
    assert await collections.jobs.count_documents({}) == 0


async def test_five_years_are_a_period(grace: Client) -> None:
    form = _form(**{"from": "2020-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z"})
    assert (await grace.data(REQUEST, form))["reportRequest"]["userErrors"] == []


@pytest.mark.parametrize(
    "changes",
    [{"kind": "GOSSIP"}, {"kind": None}, {"from": None}, {"to": "tomorrow"}, {"to": {"$gt": ""}}, {"to": 5}],
    ids=str,
)
async def test_what_is_no_form_is_a_bad_request_and_nothing_is_owed(
    grace: Client, collections: Collections, changes: dict[str, Any]
) -> None:
    assert await grace.codes(REQUEST, _form(**changes)) == ["BAD_USER_INPUT"]
    assert await collections.jobs.count_documents({}) == 0


async def test_only_who_manages_reports_asks_for_one(
    client: Client, collections: Collections, settings: Settings
) -> None:
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    assert await ada.codes(REQUEST, _form()) == ["FORBIDDEN"]
    assert await client.codes(REQUEST, _form()) == ["UNAUTHENTICATED"]
    assert await collections.jobs.count_documents({}) == 0
