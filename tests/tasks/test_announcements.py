import asyncio
from collections import Counter

import pytest
from odmantic import ObjectId

from schema.access import Role, Viewer
from schema.announcements import service as announcements
from schema.announcements.model import Announcement, NewAnnouncement
from schema.announcements.service import LETTERS_AT_ONCE
from schema.database import Database
from schema.engine import Document
from schema.jobs import service
from schema.jobs.messages import AnnouncementDelivery
from schema.jobs.model import Job
from schema.jobs.service import Claim
from schema.times import utc_now
from schema.users.model import User
from settings.config import Settings
from tasks.announcements import Announcing
from tasks.errors import PermanentError, TemporaryError
from tests.support.jobs import context, row, set_due
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio

ADMIN = Viewer(ObjectId(), Role.ADMIN, ObjectId())
FORM = NewAnnouncement(subject="We move", body="From Monday on.\n\nYours")


async def _add_users(database: Database, count: int, **changes: object) -> list[ObjectId]:
    users = []
    for _ in range(count):
        user_id = ObjectId()
        email = f"user-{user_id}@example.com"
        user = User(id=user_id, email=email, email_key=email, name="Ada", password_hash="none")
        users.append(user.model_dump_doc() | changes)
    await database.collection(User).insert_many(users)
    return [user["_id"] for user in users]


async def _announce(database: Database) -> tuple[Claim, AnnouncementDelivery]:
    job = await announcements.send_to_all(context(database), ADMIN, FORM)
    return await _claimed(database, job["_id"]), AnnouncementDelivery(**job["payload"])


async def _claimed(database: Database, job_id: ObjectId) -> Claim:
    await set_due(database, job_id)
    claim = await service.claim(database, "worker-1", job_id)
    assert claim is not None
    return claim


async def _letters(database: Database) -> list[Document]:
    return await database.collection(Job).find({"kind": "ANNOUNCEMENT_EMAIL"}).to_list()


async def _told(database: Database) -> Counter[str]:
    return Counter(letter["payload"]["user_id"] for letter in await _letters(database))


def _once(user_ids: list[ObjectId]) -> Counter[str]:
    return Counter(map(str, user_ids))


async def test_every_user_is_owed_one_letter_and_who_is_gone_or_unsubscribed_none(database: Database) -> None:
    users = await _add_users(database, LETTERS_AT_ONCE + 3)
    verified = await _add_users(database, 1, verified_at=utc_now())
    await _add_users(database, 2, deactivated_at=utc_now())
    await _add_users(database, 2, unsubscribed_at=utc_now())
    claim, message = await _announce(database)
    await Announcing(database).deliver(claim, message)
    assert await _told(database) == _once([*users, *verified])
    progress = {"done": len(users) + 1, "total": len(users) + 1, "word": "letters owed"}
    assert (await row(database, claim.id))["progress"] == progress


async def test_a_letter_is_of_the_request_that_asked_for_it_and_keeps_no_text(database: Database) -> None:
    (user_id,) = await _add_users(database, 1)
    claim, message = await _announce(database)
    await Announcing(database).deliver(claim, message)
    (letter,) = await _letters(database)
    assert (letter["request_id"], letter["owner_id"], letter["watchable"]) == ("request-1", None, False)
    assert letter["dedupe_key"] == f"announcement:{message.announcement_id}:{user_id}"
    assert letter["payload"] == {
        "to": f"user-{user_id}@example.com",
        "name": "Ada",
        "user_id": str(user_id),
        "announcement_id": message.announcement_id,
    }


async def test_who_signs_up_later_is_not_told(database: Database) -> None:
    users = await _add_users(database, 1)
    claim, message = await _announce(database)
    await _add_users(database, 1, created_at=utc_now().replace(year=utc_now().year + 1))
    await Announcing(database).deliver(claim, message)
    assert await _told(database) == _once(users)


async def test_a_delivery_that_was_cut_off_anywhere_goes_on_where_it_was(database: Database) -> None:
    users, announcing = await _add_users(database, 3 * LETTERS_AT_ONCE + 1), Announcing(database)
    claim, message = await _announce(database)
    for letters in (1, LETTERS_AT_ONCE + 1, 2 * LETTERS_AT_ONCE + 1):
        cut = asyncio.create_task(announcing.deliver(claim, message))
        await _await_letters(database, letters)
        cut.cancel()
        await asyncio.wait([cut], timeout=30)
        claim = await _claimed(database, claim.id)
    noted = await announcements.find(database, ObjectId(message.announcement_id)) or {}
    told = await _told(database)
    assert noted["owed"] == len(told)
    assert str(noted["reached"]) == max(told)
    await announcing.deliver(claim, message)
    assert await _told(database) == _once(users)


async def _await_letters(database: Database, letters: int) -> None:
    async def there() -> bool:
        return len(await _letters(database)) >= letters

    await eventually(there, f"{letters} letters", 30)


async def test_a_delivery_that_was_done_owes_nothing_when_it_runs_again(database: Database) -> None:
    users = await _add_users(database, 3)
    claim, message = await _announce(database)
    for _ in range(2):
        await Announcing(database).deliver(claim, message)
    assert await _told(database) == _once(users)
    assert (await row(database, claim.id))["progress"]["done"] == 3


async def test_two_deliveries_at_once_owe_each_letter_once(database: Database) -> None:
    users = await _add_users(database, 2 * LETTERS_AT_ONCE)
    _, message = await _announce(database)
    announcement = await announcements.find(database, ObjectId(message.announcement_id)) or {}

    async def owe_all() -> None:
        while await announcements.owe_next(database, announcement, "request-1"):
            pass

    await asyncio.gather(owe_all(), owe_all())
    assert await _told(database) == _once(users)
    assert (await announcements.find(database, announcement["_id"]) or {})["owed"] == len(users)


async def test_a_letter_that_is_owed_already_is_not_owed_again_whatever_was_noted(database: Database) -> None:
    users = await _add_users(database, 3)
    claim, message = await _announce(database)
    await Announcing(database).deliver(claim, message)
    await database.collection(Announcement).update_one({}, {"$set": {"reached": None, "owed": 0}})
    await Announcing(database).deliver(claim, message)
    assert await _told(database) == _once(users)


async def test_a_delivery_that_lost_its_claim_stops(database: Database) -> None:
    await _add_users(database, 1)
    claim, message = await _announce(database)
    await _claimed(database, claim.id)
    with pytest.raises(TemporaryError, match="CLAIM_LOST"):
        await Announcing(database).deliver(claim, message)
    assert await _letters(database) == []


async def test_a_delivery_of_no_announcement_fails_for_good(database: Database) -> None:
    claim, message = await _announce(database)
    await database.collection(Announcement).delete_many({})
    with pytest.raises(PermanentError, match="NO_ANNOUNCEMENT"):
        await Announcing(database).deliver(claim, message)


async def test_everybody_gets_the_letter_and_it_says_how_to_get_no_more(
    database: Database, settings: Settings, smtp_sink: SmtpSink
) -> None:
    users = await _add_users(database, 3)
    job = await announcements.send_to_all(context(database), ADMIN, FORM)
    with running_worker(settings):
        letters = await smtp_sink.arrived(3)
    assert sorted(letter.recipients for letter in letters) == [(f"user-{user}@example.com",) for user in sorted(users)]
    for letter in letters:
        body = letter.message.get_body(("plain",))
        assert letter.message["Subject"] == "We move"
        assert body is not None
        assert "From Monday on.\n\nYours" in body.get_content().replace("\r\n", "\n")
        assert letter.message["List-Unsubscribe"].startswith(f"<{settings.api_url}/unsubscribe/")
        assert letter.message["X-Request-ID"] == job["request_id"]
