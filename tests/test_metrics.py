"""The numbers that the two programs show, with several processes each."""

import asyncio
import os
import signal
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest
from odmantic import ObjectId
from pydantic import SecretStr

from schema import indexes
from schema.database import Database
from schema.jobs.messages import MESSAGES
from settings.config import AppEnv, Settings
from tests.support.application import Client, running_api, serving
from tests.support.hostile import requests
from tests.support.jobs import ANNOUNCED, owe, row, set_due
from tests.support.metrics import Samples, scrape
from tests.support.processes import Server, free_port
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually, until
from tests.support.worker import await_log, logged, ready_pids, running_worker

pytestmark = pytest.mark.anyio

REQUESTS = "postberry_http_request_seconds_count"
FIELDS = "postberry_graphql_field_seconds_count"
ERRORS = "postberry_graphql_errors_total"
DUE = "postberry_jobs_oldest_due_age_seconds"
REFUSALS = "postberry_graphql_refusals_total"
ATTEMPTS = "postberry_job_attempts_total"


@pytest.fixture
def two_apis(settings: Settings) -> Iterator[Server]:
    with running_api(settings.model_copy(update={"api_workers": 2})) as api:
        await_log(settings, "api ready", times=2)
        yield api


async def test_two_api_processes_count_together_also_after_one_was_killed(two_apis: Server, settings: Settings) -> None:
    pids = _api_pids(settings)
    await _ask(two_apis, "{ __typename me { user { id } } }", 40)
    assert _counted(scrape(two_apis.url)) == (40, 40)
    assert scrape(two_apis.url).values("process_resident_memory_bytes", "pid") == {str(pid) for pid in pids}
    os.kill(pids[0], signal.SIGKILL)
    await asyncio.to_thread(await_log, settings, "api ready", times=3)
    await _ask(two_apis, "{ me { user { id } } }", 10)
    shown = scrape(two_apis.url)
    assert _counted(shown) == (50, 50)
    assert shown.values("process_resident_memory_bytes", "pid") == {str(pid) for pid in _api_pids(settings)[1:]}
    assert shown.total("postberry_mongodb_connections") > 0


async def test_two_worker_processes_count_every_attempt_once(
    settings: Settings, database: Database, smtp_sink: SmtpSink
) -> None:
    await indexes.create(database)
    smtp_sink.refuse_next("550 5.1.1 No such user")
    settings = settings.model_copy(update={"worker_processes": 2, "metrics_port": free_port(), "worker_concurrency": 5})
    ids = [await owe(database) for _ in range(60)]
    with running_worker(settings):
        await asyncio.to_thread(until, lambda: len(ready_pids(settings)) == 2, "Both processes")
        for job_id in ids:
            await eventually(partial(_is_over, database, job_id), "The end of the job", 30)
        url = f"http://127.0.0.1:{settings.metrics_port}"
        await asyncio.to_thread(until, lambda: scrape(url).total(ATTEMPTS) == 60, "All attempts")
        await asyncio.to_thread(until, lambda: scrape(url).total("postberry_workers") == 2, "Both processes' reports")
        shown = scrape(url)
    kind = "SIGN_UP_EMAIL"
    assert shown.total(ATTEMPTS, kind=kind, outcome="succeeded") == 59
    assert shown.total(ATTEMPTS, kind=kind, outcome="failed") == 1
    assert shown.total("postberry_job_run_seconds_count", kind=kind) == 60
    assert shown.total("postberry_job_owed_to_done_seconds_count", kind=kind) == 59
    assert shown.total("postberry_jobs_failed", kind=kind) == 1
    assert len(shown.values("process_cpu_seconds_total", "pid")) == 2
    assert shown.total("postberry_mongodb_command_seconds_count", command="find") > 0
    assert shown.total("postberry_event_loop_lag_seconds_count") > 0


async def test_the_queue_is_shown_as_it_stands(settings: Settings, database: Database) -> None:
    async with serving(settings) as client:
        for seconds in (-90, -30, 600):
            await set_due(database, await owe(database), seconds)
        await set_due(database, await owe(database, ANNOUNCED), -500)
        shown = Samples((await client.http.get("/metrics")).text)
    assert shown.total("postberry_jobs_queued", kind="SIGN_UP_EMAIL") == 3
    assert 90 <= shown.total(DUE, bulk="false") < 150
    assert 500 <= shown.total(DUE, bulk="true") < 560
    assert shown.values("postberry_jobs_queued", "kind") == set(MESSAGES)
    assert (shown.total("postberry_workers"), shown.total("postberry_queue_readable")) == (0, 1)


async def test_no_client_chooses_a_label(settings: Settings) -> None:
    with running_api(settings) as api:
        port = urlsplit(api.url).port or 0
        for request in requests(300, seed=2):
            await _send(port, request)
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            for path in ("/live/", "/files/one/", "/files/two", "/a/b", "/graphql/", "/%0a"):
                await http.get(path)
        shown = scrape(api.url)
    assert shown.values(REQUESTS, "method") <= {"GET", "HEAD", "POST", "DELETE", "other"}
    assert shown.values(REQUESTS, "handler") <= {"none", "/graphql", "/files/{id}", "/metrics"}
    assert shown.values(FIELDS, "field") <= {"__typename", "me", "job", "jobCancel", "userSignIn"}
    assert shown.values(ERRORS, "field") <= {"none", *shown.values(FIELDS, "field")}
    assert shown.values(ERRORS, "code") <= {"BAD_USER_INPUT", "UNAUTHENTICATED", "RATE_LIMITED", "NOT_FOUND"}


async def test_errors_are_counted_by_field_and_code(settings: Settings) -> None:
    async with serving(settings) as client:
        await client.post('mutation { alias: jobCancel(input: {id: "x"}) { job { id } } }')
        await client.post("{ nothing }")
        await Client(client.http, "no token").post("{ me { user { id } } }")
        shown = Samples((await client.http.get("/metrics")).text)
    assert shown.total(ERRORS, field="jobCancel", code="UNAUTHENTICATED") == 1
    assert shown.total(ERRORS, field="none", code="BAD_USER_INPUT") == 1
    assert shown.total(ERRORS, field="none", code="UNAUTHENTICATED") == 1
    assert shown.total(FIELDS, operation="mutation", field="jobCancel") == 1


async def test_what_people_type_wrongly_is_counted_by_mutation_and_code(settings: Settings) -> None:
    async with serving(settings) as client:
        for _ in range(2):
            await client.sign_up(name="", password="short")
        shown = Samples((await client.http.get("/metrics")).text)
    assert shown.values(REFUSALS, "field") == {"userSignUp"}
    assert shown.total(REFUSALS, code="TOO_SHORT") == 4
    assert shown.total(ERRORS) == 0


async def test_production_shows_them_to_whoever_has_the_token(settings: Settings) -> None:
    settings = settings.model_copy(update={"app_env": AppEnv.PRODUCTION, "metrics_token": SecretStr("a metrics token")})
    async with serving(settings) as client:
        for wrong in ("", "a metrics token", "Bearer", "Bearer a metrics toke", "Basic a metrics token", "Bearer \xff"):
            refused = await client.http.get("/metrics", headers={b"Authorization": wrong.encode("latin-1")})
            assert (refused.status_code, "postberry_" in refused.text) == (401, False)
        shown = await client.http.get("/metrics", headers={"Authorization": "Bearer a metrics token"})
        assert (shown.status_code, REQUESTS in shown.text) == (200, True)


async def test_production_without_a_token_shows_them_to_nobody(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"app_env": AppEnv.PRODUCTION})) as client:
        for authorization in ("", "Bearer ", "Bearer None"):
            refused = await client.http.get("/metrics", headers={"Authorization": authorization})
            assert refused.status_code == 401


async def test_the_other_numbers_are_there_while_mongodb_is_away(settings: Settings, mongodb_server: Server) -> None:
    with running_api(settings.model_copy(update={"db_url": mongodb_server.url})) as api:
        assert scrape(api.url).total("postberry_queue_readable") == 1
        mongodb_server.kill()
        until(lambda: not scrape(api.url).total("postberry_queue_readable"), "Its absence", 20)
        shown = scrape(api.url)
        assert "postberry_jobs_queued" not in {family.name for family in shown.families}
        assert shown.total(REQUESTS, handler="/metrics") > 0


async def test_rings_that_nobody_heard_are_counted(settings: Settings, redis_server: Server) -> None:
    with running_api(settings.model_copy(update={"redis_url": redis_server.url})) as api:
        redis_server.process.send_signal(signal.SIGSTOP)
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            await Client(http).sign_up()
        until(lambda: scrape(api.url).total("postberry_doorbell_failures_total") == 1, "A failure")


def _counted(shown: Samples) -> tuple[float, float]:
    """Requests, and how often `me` was asked for."""
    return shown.total(REQUESTS, handler="/graphql", method="POST", status="200"), shown.total(FIELDS, field="me")


def _api_pids(settings: Settings) -> list[int]:
    return [int(str(line["pid"])) for line in logged(settings) if line["event"] == "api ready"]


async def _ask(api: Server, query: str, times: int) -> None:
    """On connections of their own, so that all processes get some."""
    for _ in range(times):
        async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
            await Client(http).post(query)


async def _is_over(database: Database, job_id: ObjectId) -> bool:
    return bool((await row(database, job_id))["status"] in {"SUCCEEDED", "FAILED"})


async def _send(port: int, request: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await reader.read()
    except ConnectionError:  # refused in the middle of it
        return
    finally:
        writer.close()
