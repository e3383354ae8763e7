"""What is found out for a letter when it is written."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from odmantic import ObjectId

from schema.access import Role
from schema.announcements.model import Announcement
from schema.database import Database
from schema.engine import Document
from schema.files.model import File
from schema.jobs.messages import AnnouncementEmail, ReportReadyEmail
from schema.users.model import User
from tasks.facts import Research
from tests.support.jobs import URLS

pytestmark = pytest.mark.anyio

NOW, HOUR = datetime(2026, 7, 1, tzinfo=UTC), 3600


@pytest.fixture
def research(database: Database) -> Research:
    return Research(database, "https://shop.example.com", URLS)


@pytest.fixture
async def grace(database: Database) -> User:
    email = "grace@example.com"
    grace = User(email=email, email_key=email, name="Grace", password_hash="none", role=Role.ADMIN)
    return await database.engine.save(grace)


async def _report(database: Database, grace: User) -> ReportReadyEmail:
    file = File(owner_id=grace.id, name="a.csv", content_type="text/csv", size=1, sha256="", key="k")
    await database.engine.save(file)
    return ReportReadyEmail(
        to=grace.email, name="Grace", file_id=str(file.id), first_day="2026-07-01", last_day="2026-07-31", lines=1
    )


async def _announcement(database: Database, grace: User) -> AnnouncementEmail:
    announcement = Announcement(author_id=grace.id, subject="We move", body="Soon")
    await database.engine.save(announcement)
    return AnnouncementEmail(to=grace.email, name="Grace", user_id=str(grace.id), announcement_id=str(announcement.id))


def _seconds(url: str) -> int:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return URLS.seconds_left(parts.path, query["expires"], query["signature"])


async def _set(database: Database, grace: User, changes: Document) -> None:
    await database.collection(User).update_one({"_id": grace.id}, {"$set": changes})


async def test_the_link_to_a_report_is_signed_and_good_for_three_days(
    research: Research, database: Database, grace: User
) -> None:
    message = await _report(database, grace)
    facts = await research.find(message) or {}
    assert facts["link"].startswith(f"http://testserver/files/{message.file_id}?")
    assert 72 * HOUR - 60 < _seconds(facts["link"]) <= 73 * HOUR


@pytest.mark.parametrize("changes", [{"role": "USER"}, {"deactivated_at": NOW}], ids=["demoted", "deactivated"])
async def test_who_may_not_have_reports_any_more_is_not_written_to(
    research: Research, database: Database, grace: User, changes: Document
) -> None:
    message = await _report(database, grace)
    await _set(database, grace, changes)
    assert await research.find(message) is None


async def test_nobody_is_written_to_about_a_file_that_is_not_there(
    research: Research, database: Database, grace: User
) -> None:
    message = await _report(database, grace)
    assert await research.find(message.model_copy(update={"file_id": str(ObjectId())})) is None


async def test_an_announcement_is_read_when_its_letter_is_written(
    research: Research, database: Database, grace: User
) -> None:
    facts = await research.find(await _announcement(database, grace)) or {}
    url = facts.pop("unsubscribe_url")
    assert facts == {"subject": "We move", "body": "Soon"}
    assert url.startswith(f"http://testserver/unsubscribe/{grace.id}?")
    assert _seconds(url) > 365 * 24 * HOUR


@pytest.mark.parametrize("key", ["deactivated_at", "unsubscribed_at"])
async def test_who_wants_no_announcements_any_more_is_not_written_to(
    research: Research, database: Database, grace: User, key: str
) -> None:
    message = await _announcement(database, grace)
    await _set(database, grace, {key: NOW})
    assert await research.find(message) is None
