"""Both programs under Honcho, as DEPLOYMENT-NOTES.md starts them, and what a crash below it costs."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from settings.config import Settings
from tests.support.application import SIGN_UP, ada
from tests.support.processes import free_port, spawn
from tests.support.smtp import SmtpSink
from tests.support.waiting import until
from tests.support.worker import ROOT, await_log, environment, logged

CRASHES = 3


@contextmanager
def _honcho(settings: Settings) -> Iterator[str]:
    port, honcho = free_port(), Path(sys.executable).with_name("honcho")
    path = {"PATH": f"{honcho.parent}{os.pathsep}{os.environ['PATH']}"}
    folder = settings.log_dir.parent
    argv: list[str | Path] = [honcho, "start", "--procfile", ROOT / "Procfile", "--app-root", folder]
    program = spawn(argv, folder / "honcho.log", environment(settings) | path | {"PORT": str(port)})
    try:
        await_log(settings, "worker ready", deadline=90)
        await_log(settings, "api ready", deadline=90)
        yield f"http://127.0.0.1:{port}"
    finally:
        program.terminate()
        assert program.wait(60) == 143
        for pid in {int(str(line["pid"])) for line in logged(settings)}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_crashes_of_processes_are_healed_and_cost_no_letter(settings: Settings, smtp_sink: SmtpSink) -> None:
    with _honcho(settings) as url, httpx.Client(base_url=url, timeout=30) as http:
        for number in range(1, CRASHES + 1):
            _sign_up(http, number)
            for program in ("api", "worker"):
                os.kill(_newest(settings, program), signal.SIGKILL)
                await_log(settings, f"{program} ready", number + 1, 60)
            until(lambda: _is_ready(http), "An API that is ready", 60)
        smtp_sink.wait_for(CRASHES, deadline=60)
    letters = {letter.recipients for letter in smtp_sink.letters}
    assert letters == {(f"ada{number}@example.com",) for number in range(1, CRASHES + 1)}


def _sign_up(http: httpx.Client, number: int) -> None:
    variables = {"input": ada(email=f"ada{number}@example.com")}
    answer = http.post("/graphql", json={"query": SIGN_UP, "variables": variables}).json()
    assert answer["data"]["userSignUp"]["userErrors"] == []


def _newest(settings: Settings, program: str) -> int:
    return [int(str(line["pid"])) for line in logged(settings) if line["event"] == f"{program} ready"][-1]


def _is_ready(http: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return http.get("/ready").status_code == 200
    return False
