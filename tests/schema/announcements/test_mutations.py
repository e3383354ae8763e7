"""Announcing something to everybody, over GraphQL."""

from typing import Any

import pytest

from schema.access import Role
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.orders import signed_in

pytestmark = pytest.mark.anyio

EMAIL_ALL = """
mutation($input: UserEmailAllInput!) {
  userEmailAll(input: $input) { job { kind status } userErrors { field code } }
}
"""


@pytest.fixture
async def grace(client: Client, collections: Collections, settings: Settings) -> Client:
    """An administrator."""
    (grace,) = await signed_in(client, collections, settings, ["Grace"], Role.ADMIN)
    return grace


def _form(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    return {"input": {"subject": "We move", "body": "From Monday on.\n\nYours"} | changes}


async def _counts(collections: Collections) -> tuple[int, int]:
    return await collections.announcements.count_documents({}), await collections.jobs.count_documents({})


async def test_an_announcement_is_kept_and_its_delivery_owed(grace: Client, collections: Collections) -> None:
    payload = (await grace.data(EMAIL_ALL, _form(subject="  We move ")))["userEmailAll"]
    assert payload == {"job": {"kind": "ANNOUNCEMENT_DELIVERY", "status": "QUEUED"}, "userErrors": []}
    announcement, job = await collections.announcements.find_one() or {}, await collections.jobs.find_one() or {}
    grace_id = (await collections.users.find_one() or {})["_id"]
    assert (announcement["subject"], announcement["body"]) == ("We move", "From Monday on.\n\nYours")
    assert (announcement["author_id"], announcement["reached"], announcement["owed"]) == (grace_id, None, 0)
    assert (job["payload"], job["owner_id"]) == ({"announcement_id": str(announcement["_id"])}, grace_id)
    assert await _counts(collections) == (1, 1)


REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing": ({"subject": " ", "body": "\n"}, [("subject", "TOO_SHORT"), ("body", "TOO_SHORT")]),
    "too much": ({"subject": "x" * 101, "body": "x" * 10_001}, [("subject", "TOO_LONG"), ("body", "TOO_LONG")]),
    "another header": ({"subject": "We move\r\nBcc: eve@example.com"}, [("subject", "INVALID")]),
    "control characters": ({"subject": "We\0", "body": "move\x1b"}, [("subject", "INVALID"), ("body", "INVALID")]),
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_announcement_is_refused_and_nothing_is_written(
    grace: Client, collections: Collections, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    payload = (await grace.data(EMAIL_ALL, _form(**changes)))["userEmailAll"]
    assert payload["job"] is None
    assert [(error["field"][0], error["code"]) for error in payload["userErrors"]] == expected
    assert await _counts(collections) == (0, 0)


async def test_only_who_manages_announcements_makes_one(
    client: Client, collections: Collections, settings: Settings
) -> None:
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    assert await ada.codes(EMAIL_ALL, _form()) == ["FORBIDDEN"]
    assert await client.codes(EMAIL_ALL, _form()) == ["UNAUTHENTICATED"]
    assert await _counts(collections) == (0, 0)
