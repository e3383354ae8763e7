import mailbox
import smtplib
from pathlib import Path

import pytest

from schema.database import Database
from schema.nodes import from_global_id
from settings.config import Settings
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.jobs import reached
from tests.support.servers import start_mailbox
from tests.support.worker import running_worker

RETRY = "mutation ($id: ID!) { jobRetry(input: {id: $id}) { job { status } userErrors { code } } }"


@pytest.mark.parametrize(
    ("name", "replies"),
    [
        ("refused", [550, 550, 550]),
        ("Refused+tag", [550, 550]),
        ("refused-once", [550, 250, 550, 250]),
        ("busy", [451, 451, 250, 451, 451, 250]),
        ("ada", [250, 250]),
        ("refusedly", [250]),
    ],
)
def test_some_recipients_are_refused_and_some_of_them_taken_later(
    tmp_path: Path, name: str, replies: list[int]
) -> None:
    with start_mailbox(tmp_path / "mailbox") as server, smtplib.SMTP("127.0.0.1", int(server.url[17:])) as smtp:
        smtp.helo()
        assert [_reply(smtp, f"{name}@example.com") for _ in replies] == replies
    assert len(mailbox.Maildir(tmp_path / "mailbox")) == replies.count(250)


def _reply(smtp: smtplib.SMTP, recipient: str) -> int:
    smtp.rset()
    smtp.mail("shop@example.com")
    code, _ = smtp.rcpt(recipient)
    return smtp.data("Subject: Hello\r\n\r\nHello")[0] if code == 250 else code


@pytest.mark.anyio
async def test_a_job_that_failed_succeeds_when_it_is_retried(
    client: Client, database: Database, collections: Collections, settings: Settings, tmp_path: Path
) -> None:
    admin = await administrator(client, collections)
    job = (await client.sign_up(email="refused-once@example.com"))["job"]["id"]
    _, job_id = from_global_id(job)
    with (
        start_mailbox(tmp_path / "mailbox") as server,
        running_worker(settings.model_copy(update={"smtp_url": server.url})),
    ):
        assert (await reached(database, job_id, "FAILED"))["attempts"][0]["error"] == "SMTP_550"
        assert (await admin.data(RETRY, {"id": job}))["jobRetry"]["userErrors"] == []
        await reached(database, job_id, "SUCCEEDED")
