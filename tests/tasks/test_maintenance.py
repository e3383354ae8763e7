import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from odmantic import ObjectId
from structlog.testing import capture_logs

from schema.access import Role, Viewer
from schema.database import Database, Transaction
from schema.engine import Document
from schema.errors import InvalidInput
from schema.files import ownership
from schema.files import service as files
from schema.files.model import File
from schema.jobs import archive, service
from schema.jobs.messages import JobArchive, ReportCleanup, UploadCleanup
from schema.jobs.model import Job
from schema.jobs.service import Claim
from schema.storage import PAGE, Storage
from schema.times import utc_now
from settings.config import Settings
from tasks.errors import TemporaryError
from tasks.maintenance import Maintenance
from tests.support import endings
from tests.support.jobs import owe, row, set_due
from tests.support.uploads import kept

pytestmark = pytest.mark.anyio

ADA = ObjectId()
OLD, YOUNG = utc_now() - timedelta(hours=25), utc_now() - timedelta(hours=23)


@pytest.fixture
def maintenance(database: Database, settings: Settings) -> Maintenance:
    return Maintenance(database, Storage(settings.storage_url))


async def _claimed(database: Database) -> Claim:
    claim = await service.claim(database, "worker-1", await owe(database))
    assert claim is not None
    return claim


async def _uploaded(maintenance: Maintenance, **changes: object) -> File:
    file = _file(**changes)
    await maintenance.storage.put(file.key, _bytes(), "image/png")
    await maintenance.database.engine.save(file)
    return file


def _file(**changes: object) -> File:
    file_id = ObjectId()
    fields = {"id": file_id, "name": "a.png", "content_type": "image/png", "key": f"files/{file_id}"} | changes
    return File.model_validate({"owner_id": ADA, "size": 5, "sha256": "", **fields})


async def _bytes() -> AsyncIterator[bytes]:
    yield b"bytes"


async def _is_kept(maintenance: Maintenance, file: File) -> bool:
    return await files.find(maintenance.database, file.id) is not None and await _has_bytes(maintenance, file)


async def _has_bytes(maintenance: Maintenance, file: File) -> bool:
    try:
        await maintenance.storage.open(file.key)
    except FileNotFoundError:
        return False
    return True


async def test_files_that_nothing_needs_go_after_a_day_and_no_others(
    maintenance: Maintenance, database: Database
) -> None:
    claim = await _claimed(database)
    stale = [await _uploaded(maintenance, created_at=OLD) for _ in range(3)]
    kept = [
        await _uploaded(maintenance, created_at=YOUNG),
        await _uploaded(maintenance, created_at=OLD, attached_at=OLD),
    ]
    await maintenance.clean_uploads(claim, UploadCleanup())
    assert [await _is_kept(maintenance, file) for file in kept] == [True, True]
    for file in stale:
        assert await files.find(database, file.id) is None
        assert not await _has_bytes(maintenance, file)
    assert (await row(database, claim.id))["progress"]["done"] == 3


async def test_a_clean_up_that_was_cut_off_after_the_bytes_went_is_finished_by_the_next(
    maintenance: Maintenance, database: Database
) -> None:
    file = await _uploaded(maintenance, created_at=OLD, condemned_at=utc_now())
    await maintenance.storage.delete(file.key)
    await maintenance.clean_uploads(await _claimed(database), UploadCleanup())
    assert await files.find(database, file.id) is None


async def test_nothing_can_need_a_file_whose_bytes_are_on_their_way_out(
    maintenance: Maintenance, database: Database
) -> None:
    file = await _uploaded(maintenance, created_at=OLD, condemned_at=utc_now())

    async def work(transaction: Transaction) -> Document:
        return await files.attach(transaction, file.id, Viewer(ADA, Role.USER, ObjectId()))

    with pytest.raises(InvalidInput):
        await database.in_transaction(work)
    assert (await files.find(database, file.id) or {})["attached_at"] is None


async def test_what_is_in_the_storage_and_belongs_to_no_file_goes_after_a_day_and_nothing_else(
    maintenance: Maintenance, database: Database, tmp_path: Path
) -> None:
    file, report = ObjectId(), ObjectId()
    unknown = [f"files/{ObjectId()}" for _ in range(PAGE)] + [f"reports/{report}-2", f"reports/{ObjectId()}-1"]
    known, foreign = [f"files/{file}", f"reports/{report}-1"], ["files/README", f"other/{ObjectId()}"]
    young = f"files/{ObjectId()}"
    for key in [*unknown, *known, *foreign]:
        _write(tmp_path / "storage" / key, OLD)
    _write(tmp_path / "storage" / young, YOUNG)
    for file_id, key in ((file, known[0]), (report, known[1])):
        await database.engine.save(_file(id=file_id, key=key, created_at=OLD, attached_at=OLD))
    claim = await _claimed(database)
    assert not await ownership.owns(database, maintenance.storage)  # it had no mark
    await maintenance.clean_uploads(claim, UploadCleanup())
    left = {str(path.relative_to(tmp_path / "storage")) for path in kept(tmp_path / "storage")}
    assert left == {*known, *foreign, young, ownership.MARK}
    assert await database.collection(File).count_documents({}) == 2
    assert (await row(database, claim.id))["progress"]["done"] == len(unknown)


async def test_what_a_storage_holds_that_was_marked_by_another_database_stays(
    maintenance: Maintenance, database: Database, tmp_path: Path
) -> None:
    unknown, mark = tmp_path / "storage" / f"files/{ObjectId()}", tmp_path / "storage" / ownership.MARK
    _write(unknown, OLD)
    mark.write_text("another database")
    with capture_logs() as logs:
        for _ in range(2):
            await maintenance.clean_uploads(await _claimed(database), UploadCleanup())
    assert (unknown.exists(), mark.read_text()) == (True, "another database")
    assert [line["log_level"] for line in logs if "another database's" in line["event"]] == ["error", "error"]


async def test_what_a_storage_holds_that_had_no_mark_stays_for_another_night(
    maintenance: Maintenance, database: Database, tmp_path: Path
) -> None:
    unknown = tmp_path / "storage" / f"files/{ObjectId()}"
    _write(unknown, OLD)
    await maintenance.clean_uploads(await _claimed(database), UploadCleanup())
    assert unknown.exists()
    await maintenance.clean_uploads(await _claimed(database), UploadCleanup())
    assert not unknown.exists()


def _write(path: Path, at: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (at.timestamp(), at.timestamp()))


async def test_what_no_file_is_about_goes_from_a_bucket_too(database: Database, s3_url: str) -> None:
    bucket = Maintenance(database, Storage(s3_url))
    known = await _uploaded(bucket)
    await bucket.storage.put(f"files/{ObjectId()}", _bytes(), "image/png")
    assert [await ownership.owns(database, bucket.storage) for _ in range(2)] == [False, True]
    await bucket.clean_uploads(await _claimed(database), UploadCleanup())
    keys = await _keys(bucket)
    assert len(keys) == 2  # a day has not passed
    assert await files.discard_unknown(database, bucket.storage, keys) == 1
    assert await _keys(bucket) == [known.key]


async def _keys(maintenance: Maintenance) -> list[str]:
    return [kept.key async for page in maintenance.storage.pages("files") for kept in page]


async def test_reports_go_when_they_are_old_and_no_other_files(maintenance: Maintenance, database: Database) -> None:
    month, day = utc_now() - timedelta(days=31), utc_now() - timedelta(days=29)
    report = {"content_type": "text/csv", "attached_at": month}
    old = [await _uploaded(maintenance, **report, created_at=month) for _ in range(2)]
    left = [
        await _uploaded(maintenance, **report, created_at=day),
        await _uploaded(maintenance, created_at=month, attached_at=month),
    ]
    claim = await _claimed(database)
    await maintenance.clean_reports(claim, ReportCleanup(days=30))
    assert [await _is_kept(maintenance, file) for file in left] == [True, True]
    for file in old:
        assert await files.find(database, file.id) is None
        assert not await _has_bytes(maintenance, file)
    assert (await row(database, claim.id))["progress"] == {"done": 2, "total": 2, "word": "reports discarded"}


async def test_jobs_over_long_ago_are_archived_as_they_were_and_no_others(
    maintenance: Maintenance, database: Database
) -> None:
    long_ago = utc_now() - timedelta(days=91)
    over = [await _claimed(database) for _ in range(5)]
    for claim in over[:4]:
        await endings.finish(database, claim)
    old, new = [claim.id for claim in over[:3]], over[3].id
    running, waiting = over[4].id, await owe(database)
    await database.collection(Job).update_many(
        {"_id": {"$in": [*old, running, waiting]}}, {"$set": {"created_at": long_ago}}
    )
    rows = [await row(database, job_id) for job_id in old]
    own = await _claimed(database)
    await maintenance.archive_jobs(own, JobArchive(days=90))
    assert await archive.collection(database).find().sort("_id", 1).to_list() == sorted(
        rows, key=lambda job: job["_id"]
    )
    left = {job["_id"] async for job in database.collection(Job).find()}
    assert left == {new, running, waiting, own.id}
    assert (await row(database, own.id))["progress"]["done"] == 3


async def test_jobs_are_archived_a_batch_at_a_time(database: Database) -> None:
    for _ in range(5):
        await endings.finish(database, await _claimed(database))
    assert [await archive.archive(database, utc_now(), 2) for _ in range(4)] == [2, 2, 1, 0]
    assert await archive.collection(database).count_documents({}) == 5
    assert await database.collection(Job).count_documents({}) == 0


async def test_maintenance_that_lost_its_claim_stops(maintenance: Maintenance, database: Database) -> None:
    claim = await _claimed(database)
    await set_due(database, claim.id)
    assert await service.claim(database, "worker-2", claim.id)
    await _uploaded(maintenance, created_at=OLD)
    with pytest.raises(TemporaryError, match="CLAIM_LOST"):
        await maintenance.clean_uploads(claim, UploadCleanup())
