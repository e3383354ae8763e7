"""The API program as an operator starts it."""

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import orjson

from settings.config import Settings
from tests.support.application import running_api
from tests.support.persisted import TRUSTED, written
from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import MONGOD, locate
from tests.support.waiting import until
from tests.support.worker import ROOT, await_log, environment, logged

STEPS = (
    "settings read",
    "logging",
    "storage can be used",
    "mongodb reached",
    "redis reached",
    "indexes are there",
    "routes are there",
    "api ready",
)


def test_a_mongodb_that_is_no_replica_set_is_refused_with_one_sentence(settings: Settings, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "mongod.log"
    where = ["--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket", "--dbpath", str(tmp_path)]
    server = Server(f"mongodb://127.0.0.1:{port}", spawn([locate(MONGOD), *where], log))
    with server.await_start(lambda: accepts(port), log):
        status, line = _refusal(settings.model_copy(update={"db_url": server.url}))
    assert status == 78
    assert "rs.initiate()" in line["error"]


def test_a_mongodb_that_is_away_is_said_in_one_line(settings: Settings) -> None:
    url = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300"
    status, line = _refusal(settings.model_copy(update={"db_url": url, "start_timeout": 1}))
    assert status == 75
    assert line["event"] == "cannot start, MongoDB does not answer: see DB_URL"


def test_a_storage_that_cannot_be_is_said_in_one_line(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, line = _refusal(settings.model_copy(update={"storage_url": f"file://{tmp_path}/file/storage"}))
    assert status == 78
    assert line["event"] == "cannot start, no files can be kept: see STORAGE_URL"


def test_a_variable_of_tracing_that_cannot_be_used_is_said_in_one_line(settings: Settings) -> None:
    traced = settings.model_copy(update={"otel_exporter_otlp_endpoint": f"http://127.0.0.1:{free_port()}"})
    status, line = _refusal(traced, OTEL_BSP_MAX_QUEUE_SIZE="100")
    assert status == 78
    assert "OTEL_BSP_MAX_QUEUE_SIZE" in line["error"]


def test_documents_that_cannot_be_trusted_are_said_in_one_line_before_any_process_is_started(
    settings: Settings, tmp_path: Path
) -> None:
    path = written(tmp_path, {"fine": "{__typename}", "bad": "{nothing}"})
    status, line = _refusal(settings.model_copy(update={"trusted_documents": path}))
    assert status == 78
    assert line["event"] == "cannot start, documents cannot be trusted: see TRUSTED_DOCUMENTS"
    assert line["error"].startswith(f"{path}: document bad: ")
    assert "routes are there" not in [entry["event"] for entry in logged(settings)]


def test_a_file_of_documents_that_is_not_there_is_said_in_one_line(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "nowhere.json"
    status, line = _refusal(settings.model_copy(update={"trusted_documents": path}))
    assert (status, line["error"]) == (78, f"{path}: No such file or directory")


def test_trusted_documents_are_served_by_the_program(settings: Settings, tmp_path: Path) -> None:
    with running_api(settings.model_copy(update={"trusted_documents": written(tmp_path)})) as api:
        answers = [
            httpx.post(f"{api.url}/graphql", json=request).json()
            for request in ({"documentId": "products"}, {"query": "{__typename}"})
        ]
    assert answers[0]["data"] == {"products": {"nodes": []}}
    assert answers[1]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_another_file_of_documents_is_taken_by_sighup_unless_it_is_a_bad_one(
    settings: Settings, tmp_path: Path
) -> None:
    with running_api(settings.model_copy(update={"trusted_documents": written(tmp_path)})) as api:

        def answers(name: str) -> bool:
            return "data" in httpx.post(f"{api.url}/graphql", json={"documentId": name}).json()

        assert not answers("new")
        written(tmp_path, TRUSTED | {"new": "{__typename}"})
        api.process.send_signal(signal.SIGHUP)
        until(lambda: answers("new"), "The new file", 60)
        written(tmp_path, {"bad": "{nothing}"})
        api.process.send_signal(signal.SIGHUP)
        await_log(settings, "the new process ended with 78: bad settings; the old one stays", deadline=60)
        assert answers("new")
        assert answers("products")


def _refusal(settings: Settings, **variables: str) -> tuple[int, dict[str, str]]:
    command = [sys.executable, "-m", "graphql_api"]
    done = subprocess.run(
        command, env=environment(settings) | variables, cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    (line,) = [line for text in done.stderr.splitlines() if (line := orjson.loads(text))["level"] == "critical"]
    return done.returncode, line


def test_a_user_mongodb_does_not_know_is_a_bad_setting(settings: Settings) -> None:
    url = settings.db_url.replace("mongodb://", "mongodb://nobody:wrong@")
    status, line = _refusal(settings.model_copy(update={"db_url": f"{url}&authSource=admin"}))
    assert status == 78
    assert "wrong" not in str(line)


def test_each_step_of_the_start_is_a_line_in_the_log(settings: Settings) -> None:
    with running_api(settings):
        events = [str(line["event"]) for line in logged(settings)]
    first, *others = (events.index(step) for step in STEPS)
    assert sorted(others) == others
    assert first == 0


def test_a_port_somebody_else_keeps_is_said_after_a_while(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        status, line = _refusal(settings, PORT=str(port))
    assert (status, line["event"]) == (75, "cannot start, the port cannot be had: see HOST and PORT")
    assert line["port"] == port


def test_a_port_that_becomes_free_is_taken(settings: Settings) -> None:
    port = free_port()
    listener = socket.create_server(("127.0.0.1", port))
    with ThreadPoolExecutor() as threads:
        threads.submit(_close_once_missed, settings, listener)
        with running_api(settings, port):
            pass


def _close_once_missed(settings: Settings, listener: socket.socket) -> None:
    await_log(settings, "the port cannot be had, trying again", deadline=60)
    listener.close()
