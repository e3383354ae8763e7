"""Every command of the runbook and of the backup, run as it stands in DEPLOYMENT-NOTES.md."""

import asyncio
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from schema.database import Transaction, connect
from schema.jobs import service
from schema.nodes import to_global_id
from schema.times import utc_now
from settings.config import Settings
from tests.support.application import SIGN_IN, SIGN_UP, ada, credentials
from tests.support.jobs import WELCOME, context
from tests.support.processes import Server, free_port
from tests.support.runbook import commands, put_systemctl, run, supervised
from tests.support.smtp import SmtpSink
from tests.support.worker import ROOT, await_log, logged

NOTES = (ROOT / "DEPLOYMENT-NOTES.md").read_text(encoding="utf-8")
RUNBOOK, BACKUP = commands(NOTES, "Runbook"), commands(NOTES, "Backup and restore")
PASSWORD = "correct horse"
NAME = "api.example.com"
"""By which the world knows the API; commands ask it by its address."""
EXPECTED = {
    "Is it up, which version, and what ails it?": r'"status":"healthy".*"version":"\d',
    "What is the queue doing?": r'"workers":\[\{"id":.*"queue":.*\npostberry_jobs_failed.*\n\[\{"_id": \["',
    "Everything about one request": r'"program":"api".*"program":"worker".*"status":"SUCCEEDED"',
    "Did Ada get her letter?": r'"kind":"SIGN_UP_EMAIL","status":"SUCCEEDED".*\n\[\{"_id": .*"archived": true',
    "What failed, why, and all of it again": r'"error":"SMTP_550.*"status":"QUEUED"\},"userErrors":\[\]',
    "Take back what waits": r'"job":\{"status":"CANCELLED"\},"userErrors":\[\]',
    "Make somebody an administrator": r"^grace@example.com is an administrator now.$",
    "Shut somebody out; or end their sessions alone": r'"deactivatedAt":"2.*"deactivatedAt":null\},"userErrors":\[\]',
    "A worker hangs": r":\d+\n$",
    "A new JWT_SECRET": r"^$",
    "A new METRICS_TOKEN": r"^\d\d+$",
    "Redis was emptied, or is away": "^True$",
    "MongoDB: who is primary, what takes long, how large is it?": r'"PRIMARY"\]\]\n\[.*\]\n\[\[\d+, \d+, "',
    "The disk is full of logs": r"\tlogs$",
}
"""What the commands under each heading say."""


@dataclass
class Installation:
    """Both programs as an operator has them: a folder, `.env.production`, and something that starts them again."""

    folder: Path
    settings: Settings
    port: int
    environment: dict[str, str]

    def run(self, script: str, said: str = "") -> str:
        """What a script says that ends well, after what is to be done first of all."""
        done = run(script, self.folder, self.environment, said)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_under(self, heading: str, said: str = "") -> str:
        """What the commands under a heading say; `said` is typed after the password."""
        return self.run(f"{RUNBOOK['']}\n{RUNBOOK[heading]}", f"{PASSWORD}\n{said}\n")

    def post(self, query: str, variables: dict[str, Any], **headers: str) -> dict[str, Any]:
        """The data of an answer of the API without errors."""
        answer = self._answer({"query": query, "variables": variables}, headers)
        assert "errors" not in answer, answer
        return dict(answer["data"])

    def email_of(self, token: str) -> str | None:
        """Whose token it is, if it holds."""
        answer = self._answer({"query": "{ me { user { email } } }"}, {"authorization": f"Bearer {token}"})
        return None if "errors" in answer else str(answer["data"]["me"]["user"]["email"])

    def _answer(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.port}/graphql"
        return dict(httpx.post(url, json=body, headers=headers | {"host": NAME}, timeout=30).json())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Both programs, once they are ready."""
        before = {program: self.count(program) for program in ("api", "worker")}
        python = self.folder / ".venv" / "bin" / "python"
        with ExitStack() as stack:
            for program, module in {"api": "graphql_api", "worker": "tasks"}.items():
                argv: list[str | Path] = [python, "-m", module]
                unit = f"postberry-{program}-1"
                stack.enter_context(supervised(unit, argv, self.folder, self.environment | {"APP_ENV": "production"}))
            for program, count in before.items():
                await_log(self.settings, f"{program} ready", count + 1, 60)
            yield

    def count(self, program: str) -> int:
        """How many processes of it ever got ready."""
        return [line["event"] for line in logged(self.settings)].count(f"{program} ready")


@pytest.fixture
def installation(settings: Settings, mongodb_server: Server, tmp_path: Path) -> Installation:
    """One whose programs do not run yet, on a MongoDB of its own."""
    folder, port = tmp_path / "postberry", free_port()
    folder.mkdir()
    for name in ("graphql_api", "schema", "settings", "tasks"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    variables = {
        "PORT": port,
        "DB_URL": mongodb_server.url,
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "JWT_SECRET": '"a secret of the runbook, which\'s # to be changed"',
        "METRICS_TOKEN": "a token of the runbook",
        "CRON_ENABLED": "false",
        "SHUTDOWN_GRACE": "0.2",
        "PUBLIC_URL": f"https://{NAME}",
    }
    (folder / ".env.production").write_text("\n".join(f"{name}={value}" for name, value in variables.items()))
    put_systemctl(tmp_path / "bin")
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    settings = settings.model_copy(update={"log_dir": folder / "logs", "db_url": mongodb_server.url})
    return Installation(folder, settings, port, environment)


def test_each_heading_of_the_runbook_has_its_commands_and_what_they_say() -> None:
    assert list(RUNBOOK) == ["", *EXPECTED]
    assert list(BACKUP) == ["Backup", "Restore"]


def test_each_command_of_the_runbook_does_what_it_is_for(installation: Installation, smtp_sink: SmtpSink) -> None:
    with installation.running(), MongoClient[dict[str, Any]](installation.settings.db_url) as mongodb:
        database = mongodb.get_default_database()
        _make_history(installation, smtp_sink)
        assert "admin@example.com is" in installation.run(
            "export APP_ENV=production PATH=$PWD/.venv/bin:$PATH; python -m schema.users.admin admin@example.com"
        )
        token = installation.post(SIGN_IN, {"input": credentials()})["userSignIn"]["accessToken"]
        grace = installation.post(SIGN_IN, {"input": credentials(email="grace@example.com")})["userSignIn"][
            "accessToken"
        ]
        database["jobs_archive"].insert_one({"recipient": "ada@example.com", "archived": True})
        for heading, expected in EXPECTED.items():
            waits = database["jobs"].find_one({"status": "QUEUED"}, {"_id": 1})
            said = installation.run_under(heading, to_global_id("Job", waits["_id"]) if waits else "")
            assert re.search(expected, said, re.DOTALL | re.MULTILINE), f"{heading}: {said}"
            _await_effect(heading, installation, smtp_sink)
        assert installation.email_of(grace) == "grace@example.com"  # JWT_SECRET was another when it was signed
        assert installation.email_of(token) is None  # she was shut out
        kept = (installation.folder / ".env.production").read_text()
        assert ("\nJWT_SECRET=a secret" in kept, "\nMETRICS_TOKEN=a token" in kept) == (False, False)
        assert database["users"].find_one({"email": "grace@example.com"}, {"role": 1, "_id": 0}) == {"role": "ADMIN"}
        said = installation.run(BACKUP["Backup"])
        assert re.fullmatch(r"Dumped from postberry on 127\.0\.0\.1:\d+: \d+ documents of \d+ collections, .*\n", said)
        dumped = database["users"].count_documents({})
    with MongoClient[dict[str, Any]](installation.settings.db_url) as mongodb:
        mongodb.drop_database("postberry")
        shutil.rmtree(installation.folder / "var" / "storage")
        said = installation.run(BACKUP["Restore"])
        assert re.fullmatch(r"backups/[\d-]+\nRestored into postberry on .*\n", said)
        assert mongodb["postberry"]["users"].count_documents({}) == dumped == 3
    assert (installation.folder / "var" / "storage").is_dir()
    with installation.running():
        assert '"status":"healthy"' in installation.run_under("Is it up, which version, and what ails it?")


def _make_history(installation: Installation, smtp_sink: SmtpSink) -> None:
    """Accounts whose letters were sent, one that was refused for good, and one that waits for an hour."""
    installation.post(SIGN_UP, {"input": ada()}, **{"x-request-id": "my-first-request"})
    for name in ("admin", "grace"):
        installation.post(SIGN_UP, {"input": ada(email=f"{name}@example.com")})
    smtp_sink.wait_for(3, deadline=30)
    smtp_sink.refuse_next("550 5.1.1 No such user")
    asyncio.run(_owe_two(installation.settings.db_url))
    await_log(installation.settings, "job failed")


async def _owe_two(url: str) -> None:
    database = await connect(url, app_name="tests")

    async def work(transaction: Transaction) -> None:
        await service.owe(context(database), transaction, WELCOME, due=utc_now() + timedelta(hours=1))
        await service.owe(context(database), transaction, WELCOME)

    await database.in_transaction(work)
    await database.close()


def _await_effect(heading: str, installation: Installation, smtp_sink: SmtpSink) -> None:
    """What comes after the last command has ended."""
    if heading.startswith("What failed"):
        smtp_sink.wait_for(4, deadline=30)
    if heading in EFFECTS:
        api, worker = EFFECTS[heading]
        await_log(installation.settings, "api ready", api, 60)
        await_log(installation.settings, "worker ready", worker, 60)


EFFECTS = {"A worker hangs": (1, 2), "A new JWT_SECRET": (2, 3), "A new METRICS_TOKEN": (3, 4)}
"""How many processes of the API and of the worker have got ready by then."""
