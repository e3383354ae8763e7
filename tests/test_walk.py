"""The whole road, as the two programs walk it: a request in over HTTP, a letter out over SMTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually, until
from tests.support.worker import logged

pytestmark = pytest.mark.anyio

JOB = "query($id: ID!){job(id:$id){status requestId finishedAt attempts{number startedAt finishedAt error}}}"

SIGN_UP_AND_FAIL = """
mutation {
  userSignUp(input: {email: "ada@example.com", password: "correct horse", name: "Ada"}) { job { id } }
  sessionRevoke(input: {id: "U2Vzc2lvbjox"}) { userErrors { code } }
}
"""


@pytest.mark.usefixtures("worker")
async def test_a_sign_up_becomes_a_letter_with_one_id_from_end_to_end(
    client: Client, smtp_sink: SmtpSink, settings: Settings
) -> None:
    response = await client.post(
        'mutation{userSignUp(input:{email:"ada@example.com",password:"correct horse",name:"Ada"}){job{id}}}',
        x_request_id="walk-0001",
    )
    (letter,) = await smtp_sink.arrived(1)
    job = await _finished(client, response.json()["data"]["userSignUp"]["job"]["id"])
    assert letter.recipients == ("ada@example.com",)
    assert letter.message["Subject"] == "Welcome, Ada"
    assert [part.get_content_type() for part in letter.message.iter_parts()] == ["text/plain", "text/html"]
    assert (job["status"], [attempt["number"] for attempt in job["attempts"]]) == ("SUCCEEDED", [1])
    assert response.headers["x-request-id"] == letter.message["X-Request-ID"] == job["requestId"] == "walk-0001"

    async def both_logged() -> bool:  # the worker's line follows what it records
        return _programs_that_logged(settings.log_dir, "walk-0001") == {"api", "worker"}

    await eventually(both_logged, "Lines of both programs")


@pytest.mark.usefixtures("worker")
async def test_many_sign_ups_at_once_become_as_many_letters_and_none_twice(client: Client, smtp_sink: SmtpSink) -> None:
    addresses = {f"user{number}@example.com" for number in range(40)}
    payloads = await asyncio.gather(*(client.sign_up(email=address) for address in addresses))
    for payload in payloads:
        await _finished(client, payload["job"]["id"])
    assert sorted(letter.recipients[0] for letter in smtp_sink.letters) == sorted(addresses)


@pytest.mark.usefixtures("worker")
async def test_one_id_stands_in_five_places(
    client: Client, collections: Collections, smtp_sink: SmtpSink, settings: Settings
) -> None:
    """In the answer's header, in the lines of both programs, in the error, in the job's row and in the letter."""
    response = await client.post(SIGN_UP_AND_FAIL, x_request_id="walk-0005")
    (error,) = response.json()["errors"]
    (letter,) = await smtp_sink.arrived(1)
    job = await collections["jobs"].find_one()
    assert error["extensions"] == {"code": "UNAUTHENTICATED", "requestId": "walk-0005"}
    assert job
    assert response.headers["x-request-id"] == letter.message["X-Request-ID"] == job["request_id"] == "walk-0005"

    def both_logged() -> bool:
        lines = {line["event"]: line["program"] for line in logged(settings) if line["requestId"] == "walk-0005"}
        return lines == {"request": "api", "job succeeded": "worker"}

    await asyncio.to_thread(until, both_logged, "Lines of both programs")


async def _finished(client: Client, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = {}

    async def has_finished() -> bool:
        job.update((await client.post(JOB, {"id": job_id})).json()["data"]["job"])
        return job["finishedAt"] is not None

    await eventually(has_finished, f"The end of job {job_id}")
    return job


def _programs_that_logged(log_dir: Path, request_id: str) -> set[str]:
    lines = map(json.loads, (log_dir / "app.log").read_text().splitlines())
    return {line["program"] for line in lines if line["requestId"] == request_id}
