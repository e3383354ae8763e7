import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient
from redis import Redis

from tests.support.processes import Server, ServerError, accepts, free_port
from tests.support.programs import Program, locate
from tests.support.servers import start_mailbox, start_mongodb
from tests.support.waiting import until


def test_mongodb_starts_as_a_replica_set_that_takes_transactions(mongodb_url: str) -> None:
    with MongoClient[dict[str, str]](mongodb_url) as client, client.start_session() as session:
        letters = client.get_default_database()["letters"]
        session.with_transaction(lambda current: letters.insert_one({"to": "ada"}, session=current))
        assert letters.count_documents({}) == 1


def test_data_outlive_a_killed_mongodb_although_its_port_changes(tmp_path: Path) -> None:
    data = tmp_path / "mongodb"
    with start_mongodb(data) as first:
        _write(first)
        first.kill()
    with start_mongodb(data) as second:
        assert second.url != first.url
        assert _count(second) == 1


def test_a_stopped_mongodb_leaves_no_lock_file(tmp_path: Path) -> None:
    with start_mongodb(tmp_path / "mongodb") as server:
        assert list(tmp_path.glob("mongodb/*.lock"))
    assert server.process.returncode == 0
    assert not list(tmp_path.glob("mongodb/*.lock"))


def test_a_second_mongodb_on_the_same_data_is_refused_in_one_sentence(mongodb_server: Server, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"^mongod ended at its start with status 100: .*mongodb\.log says why\.$"):
        start_mongodb(tmp_path / "mongodb")
    assert mongodb_server.process.poll() is None


def test_a_frozen_redis_can_be_stopped(redis_server: Server) -> None:
    os.kill(redis_server.pid, signal.SIGSTOP)
    redis_server.stop()
    assert redis_server.process.returncode is not None


def test_each_test_has_a_redis_database_of_its_own(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("key", "value")
        assert client.dbsize() == 1


def test_the_mailbox_makes_its_maildir(tmp_path: Path) -> None:
    with start_mailbox(tmp_path / "var" / "mailbox"):
        assert (tmp_path / "var" / "mailbox" / "new").is_dir()


def test_a_server_dies_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    port = free_port()
    program = (
        "import signal, pathlib; from tests.support.servers import start_redis;"
        f"start_redis(pathlib.Path({str(tmp_path)!r}), {port}); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as parent:
        until(lambda: accepts(port), "Redis")
        parent.kill()
    until(lambda: not accepts(port), "The end of Redis")


def test_a_missing_program_is_said_in_one_sentence_with_the_remedy() -> None:
    program = Program("no-such-server", (("no-such-wheel", "bin/no-such-server"),), "install it")
    with pytest.raises(ServerError, match=r"^No no-such-server was found: install it\.$"):
        locate(program)


def test_a_missing_libcurl_is_said_in_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    text = "echo 'error while loading shared libraries: libcurl.so.4: cannot open shared object file' >&2; exit 127"
    with pytest.raises(ServerError, match=r"needs libcurl\.so\.4, which is missing: .*apt-get install libcurl4"):
        locate(_program(tmp_path, text))


def test_a_program_of_another_machine_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"does not run on this machine \(exit status 132\): install it\.$"):
        locate(_program(tmp_path, "exit 132"))


def _program(folder: Path, text: str) -> Program:
    path = folder / "server"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return Program(str(path), (), "install it")


def _write(server: Server) -> None:
    with MongoClient[dict[str, str]](server.url) as client:
        client.get_default_database()["letters"].insert_one({"to": "ada"})


def _count(server: Server) -> int:
    with MongoClient[dict[str, str]](server.url) as client:
        return client.get_default_database()["letters"].count_documents({})
