"""Taking oneself off the list, as people and their mail programs do it."""

from typing import Any

import pytest
from odmantic import ObjectId

from schema.signatures import SignedUrls
from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.orders import signed_in

pytestmark = pytest.mark.anyio

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
async def ada(client: Client, collections: Collections, settings: Settings) -> ObjectId:
    """A user's id."""
    await signed_in(client, collections, settings, ["Ada", "Bob"])
    return ObjectId((await collections.users.find_one({"name": "Ada"}) or {})["_id"])


def _path(settings: Settings, path: str) -> str:
    return SignedUrls.of("", settings.signing_secret).sign(path)


async def _unsubscribed(collections: Collections) -> list[str]:
    return [user["name"] async for user in collections.users.find({"unsubscribed_at": {"$ne": None}})]


async def test_who_posts_to_their_link_gets_no_more_announcements(
    client: Client, collections: Collections, settings: Settings, ada: ObjectId
) -> None:
    path = _path(settings, f"/unsubscribe/{ada}")
    answer = await client.http.post(path, data=ONE_CLICK)
    assert (answer.status_code, "no more announcements" in answer.text) == (200, True)
    assert await _unsubscribed(collections) == ["Ada"]
    before: Any = await collections.users.find_one({"_id": ada})
    assert (await client.http.post(path)).status_code == 200
    assert await collections.users.find_one({"_id": ada}) == before


async def test_to_open_the_link_changes_nothing_and_shows_a_button(
    client: Client, collections: Collections, settings: Settings, ada: ObjectId
) -> None:
    answer = await client.http.get(_path(settings, f"/unsubscribe/{ada}"))
    assert (answer.status_code, '<form method="post">' in answer.text) == (200, True)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert await _unsubscribed(collections) == []


async def test_a_link_that_is_not_ours_does_nothing(
    client: Client, collections: Collections, settings: Settings, ada: ObjectId
) -> None:
    file = _path(settings, f"/files/{ada}").replace("/files/", "/unsubscribe/")
    another = ObjectId()
    other = _path(settings, f"/unsubscribe/{another}").replace(str(another), str(ada))
    for path in (f"/unsubscribe/{ada}", file, other, "/unsubscribe/none"):
        assert (await client.http.post(path)).status_code == 403
        assert (await client.http.get(path)).status_code == 403
    assert await _unsubscribed(collections) == []
