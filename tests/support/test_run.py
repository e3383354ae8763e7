import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import free_port
from tests.support.runs import Run
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PROCFILE = """
mongodb: exec python -m tests.support.serve mongodb
redis: exec python -m tests.support.serve redis
mailbox: exec python -m tests.support.serve mailbox
api: exec python -m tests.support.after_servers python -m http.server --bind 127.0.0.1 $PORT
worker: exec python -m tests.support.after_servers python -m tests.support.restarting python worker.py
"""
WORKER = """
import os, signal, socket, sys, time
from urllib.parse import urlsplit
def finish(*_):
    for _ in range(20):  # a job that takes a second, and all the servers until its end
        for name in ("DB_URL", "REDIS_URL", "SMTP_URL"):
            url = urlsplit(os.environ[name])
            socket.create_connection((url.hostname, url.port)).close()
        time.sleep(0.05)
    print("finished a job on the way out")
    sys.exit()
signal.signal(signal.SIGTERM, finish)
print("working")
signal.pause()
"""


def stand_ins(folder: Path, **environment: str) -> Run:
    """With stand-ins for api and worker."""
    (folder / "Procfile").write_text(PROCFILE)
    (folder / "worker.py").write_text(WORKER)
    (folder / "ready").touch()
    return Run(folder, "Procfile", PYTHONPATH=str(ROOT), **environment)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return stand_ins(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_order_and_leaves_no_lock_file(run: Run, number: signal.Signals) -> None:
    with run.started() as runner:
        run.await_urls()
        assert len(run.ports()) == 4
        runner.send_signal(number)
        assert runner.wait(30) == 0
    assert run.said("finished a job on the way out")
    assert run.said(r"(\w+) stopped \(rc=0\)")[-1] in {"mongodb", "redis", "mailbox"}
    assert run.is_over()
    assert not list(run.folder.rglob("*.lock"))


def test_a_killed_runner_leaves_no_process_and_the_next_start_works_on_the_same_ports(run: Run) -> None:
    with run.started() as runner:
        run.await_urls()
        before = run.ports()
        runner.kill()
    with run.started():  # at once: what is left of the first is still ending
        run.await_urls()
        until(lambda: set(before) <= set(run.ports()), "The ports of before", 30)


def test_a_port_that_somebody_took_meanwhile_is_left_to_them(run: Run) -> None:
    taken = free_port()
    (run.folder / "var").mkdir()
    (run.folder / "var" / "run.env").write_text(f"REDIS_URL='redis://127.0.0.1:{taken}/0'\n")
    with socket.create_server(("127.0.0.1", taken)), run.started():
        run.await_urls()
        assert taken not in run.ports()


def test_a_command_beside_it_has_its_mongodb_unless_another_is_set(run: Run) -> None:
    with run.started():
        run.await_urls()
        (url,) = run.said("MongoDB +(mongodb://\\S+)")
        assert _beside(run) == (f"{url}\n", f"With the MongoDB of make run: {url}\n")
        assert _beside(run, DB_URL="mongodb://elsewhere/shop") == ("mongodb://elsewhere/shop\n", "")
        (run.folder / ".env.local").write_text("DB_URL=mongodb://elsewhere/shop\n")
        assert _beside(run) == ("unset\n", "")
        (run.folder / ".env.local").unlink()
        assert _beside(run, APP_ENV="test") == ("unset\n", "")
    assert _beside(run) == ("unset\n", "")


def _beside(run: Run, **environment: str) -> tuple[str, str]:
    """What it is told DB_URL is, and what is said to who typed it."""
    tell = 'import os; print(os.environ.get("DB_URL", "unset"))'
    argv = [sys.executable, "-m", "tests.support.beside_run", sys.executable, "-c", tell]
    env = run.environment | environment
    done = subprocess.run(argv, cwd=run.folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_one_that_ends_by_itself_ends_all_with_a_failure(run: Run) -> None:
    (run.folder / "worker.py").write_text("print('working')")
    with run.started() as runner:
        assert runner.wait(30) == 1
    assert run.is_over()


def test_its_own_mongodb_gets_demo_data_once(tmp_path: Path) -> None:
    run = stand_ins(tmp_path, PRODUCTS="3")
    for times in (1, 0):
        with run.started():
            until(lambda: run.said("Sign in as admin@example.com"), "The demo data", 60)
            assert len(run.said("Adding demo data: 40 categories, 3 products")) == times


def test_a_server_that_is_set_is_not_embedded(tmp_path: Path, mongodb_url: str) -> None:
    (tmp_path / ".env.local").write_text("SMTP_URL=smtp://127.0.0.1:25\n")
    run = stand_ins(tmp_path, DB_URL=mongodb_url, REDIS_URL="redis://127.0.0.1:6379/0", PRODUCTS="3")
    with run.started():
        run.await_urls()
        until(lambda: run.said("gets demo data by make seed only"), "What becomes of the demo data", 10)
        assert sorted(run.said(r"(\w+) started")) == ["api", "worker"]
        assert not (tmp_path / "var" / "mongodb").exists()


def test_a_port_in_use_is_said_in_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.port)):
        assert run.refused() == (
            f"The API cannot listen on port {run.port} of 127.0.0.1 (Address already in use): "
            f"choose another, as in PORT={run.port + 1} make run, or end what listens there.\n"
        )


def test_a_second_run_in_the_same_folder_is_said_in_one_line(run: Run) -> None:
    with run.started():
        until(lambda: run.said("api started"), "The first run", 30)
        assert run.refused().startswith("make run is already running in this folder: ")


def test_bad_settings_are_named_and_nothing_starts(run: Run) -> None:
    run.environment["DB_URL"] = "postgres://localhost"
    with run.started() as runner:
        assert runner.wait(30) == 78
    assert "DB_URL" in run.output.read_text()
