import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import orjson
import pytest

ROOT = Path(__file__).parents[2]
KEYS = ["timestamp", "level", "event", "requestId", "pid", "program", "logger"]
START = """
import logging, os, sys, structlog
from settings import config
from settings.logging import configure, request_scope
settings = config.load()
configure(settings, "api")
log = structlog.get_logger("ours")
"""
PRODUCTION = {
    "APP_ENV": "production",
    "DB_URL": "mongodb://db/postberry",
    "REDIS_URL": "redis://redis",
    "SMTP_URL": "smtp://mail",
    "JWT_SECRET": "0123456789abcdef" * 2,
}
Line = dict[str, object]


@dataclass(frozen=True)
class Run:
    """What one process logged."""

    status: int
    console: str
    app: list[Line]
    errors: list[Line]

    @property
    def events(self) -> list[object]:
        """What app.log tells of, in order."""
        return [line["event"] for line in self.app]


def start(folder: Path, program: str, console: int | IO[bytes], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START + program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), **PRODUCTION, **environment},
        stderr=console,
        text=True,
        encoding="utf-8",
    )


def run(folder: Path, program: str, **environment: str) -> Run:
    with start(folder, program, subprocess.PIPE, **environment) as process:
        try:
            _, console = process.communicate(timeout=60)
        except BaseException:
            process.kill()
            raise
    return Run(process.returncode, console, read(folder / "logs/app.log"), read(folder / "logs/error.log"))


def read(path: Path) -> list[Line]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def test_every_line_has_the_standard_keys_first(tmp_path: Path) -> None:
    done = run(tmp_path, "log.info('hello', answer=42); logging.getLogger('theirs').warning('of %s', 'theirs')")
    assert [list(line) for line in done.app] == [[*KEYS, "answer"], KEYS]
    ours, theirs = done.app
    assert (ours["level"], ours["event"], ours["requestId"]) == ("info", "hello", None)
    assert (ours["program"], ours["logger"], ours["answer"]) == ("api", "ours", 42)
    assert (theirs["level"], theirs["event"], theirs["logger"]) == ("warning", "of theirs", "theirs")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(ours["timestamp"]))


def test_a_caller_cannot_overwrite_the_standard_keys(tmp_path: Path) -> None:
    (line,) = run(tmp_path, "log.info('hello', pid='x', program='y', level='z')").app
    assert (type(line["pid"]), line["program"], line["level"]) == (int, "api", "info")


@pytest.mark.parametrize("environment", [PRODUCTION, {"APP_ENV": "test"}])
def test_console_and_file_are_the_same_json_lines(tmp_path: Path, environment: dict[str, str]) -> None:
    done = run(tmp_path, "log.info('one'); log.error('two'); logging.getLogger('x').error('three')", **environment)
    assert [orjson.loads(line) for line in done.console.splitlines()] == done.app
    assert done.events == ["one", "two", "three"]


def test_errors_are_also_in_the_error_log(tmp_path: Path) -> None:
    done = run(tmp_path, "log.warning('one'); log.error('two'); log.critical('three'); logging.error('four')")
    assert done.events == ["one", "two", "three", "four"]
    assert done.errors == done.app[1:]


def test_below_the_level_nothing_is_logged(tmp_path: Path) -> None:
    done = run(tmp_path, "log.info('one'); logging.info('two'); log.warning('three')", LOG_LEVEL="WARNING")
    assert done.events == ["three"]


def test_the_request_id_is_on_every_line_of_its_scope(tmp_path: Path) -> None:
    program = """
def both():
    log.info("ours")
    logging.getLogger("theirs").info("theirs")
with request_scope("outer"):
    with request_scope("inner"):
        both()
    both()
both()
"""
    ids = [line["requestId"] for line in run(tmp_path, program).app]
    assert ids == ["inner", "inner", "outer", "outer", None, None]


def test_concurrent_tasks_keep_their_own_request_id(tmp_path: Path) -> None:
    program = """
import asyncio
async def serve(number):
    with request_scope(f"request-{number}"):
        for _ in range(3):
            await asyncio.to_thread(log.info, "served", number=number)
async def main():
    await asyncio.gather(*map(serve, range(20)))
asyncio.run(main())
"""
    lines = run(tmp_path, program).app
    assert Counter(line["requestId"] for line in lines) == {f"request-{number}": 3 for number in range(20)}
    assert all(line["requestId"] == f"request-{line['number']}" for line in lines)


def test_what_looks_secret_is_redacted_at_any_depth(tmp_path: Path) -> None:
    program = """
from dataclasses import dataclass
from pydantic import BaseModel
from types import MappingProxyType
@dataclass
class Input:
    newPassword: str = "geheim"
class Model(BaseModel):
    refresh_token: str = "geheim"
log.info("seen", password="geheim", accessToken="geheim", Authorization="geheim", jwt_secret=b"geheim", cookie=None,
    headers={"Set-Cookie": "geheim", "Accept": "json"}, nested=[{"deep": ({"TOKEN": "geheim"},)}],
    mapping=MappingProxyType({"secret": "geheim"}), data=Input(), model=Model(), user="ada")
"""
    done = run(tmp_path, program)
    assert "geheim" not in done.console
    hidden = "[redacted]"
    assert {key: value for key, value in done.app[0].items() if key not in KEYS} == {
        **dict.fromkeys(["password", "accessToken", "Authorization", "jwt_secret", "cookie"], hidden),
        "headers": {"Set-Cookie": hidden, "Accept": "json"},
        "nested": [{"deep": [{"TOKEN": hidden}]}],
        "mapping": {"secret": hidden},
        "data": {"newPassword": hidden},
        "model": {"refresh_token": hidden},
        "user": "ada",
    }


def test_no_value_breaks_a_line(tmp_path: Path) -> None:
    program = r"""
loop = []; loop.append(loop)
log.info("a\nb\r\x1b[31m\0\u2028", surrogate="\ud800", big=2**70, nan=float("nan"), loop=loop, error=TimeoutError(),
    raw=b"\xff", path=settings.log_dir, **{"k\n": {1: object}})
"""
    done = run(tmp_path, program)
    (line,) = done.app
    assert line["event"] == "a\nb\r\x1b[31m\0\u2028"
    assert (line["surrogate"], line["nan"], line["error"], line["raw"], line["path"]) == (
        "?",
        None,
        "TimeoutError()",
        r"b'\xff'",
        "logs",
    )
    assert done.console.count("\n") == 1


def test_an_exception_is_one_line_with_its_trace(tmp_path: Path) -> None:
    program = """
try:
    1 / 0
except ZeroDivisionError:
    log.exception("ours")
    logging.getLogger("theirs").exception("theirs")
"""
    done = run(tmp_path, program)
    assert done.events == ["ours", "theirs"]
    for line in done.errors:
        assert re.fullmatch(r"(?s)Traceback .*\n    1 / 0|Traceback .*ZeroDivisionError: .*", str(line["exception"]))
    assert done.console.count("\n") == 2


def test_what_ends_the_process_is_in_the_error_log(tmp_path: Path) -> None:
    done = run(tmp_path, "raise ValueError('the end')")
    assert done.status == 1
    assert [line["event"] for line in done.errors] == ["uncaught exception"]
    assert str(done.errors[0]["exception"]).endswith("ValueError: the end")


def test_a_malformed_record_of_a_library_harms_nobody(tmp_path: Path) -> None:
    done = run(tmp_path, "logging.getLogger('theirs').info('%d', 'x'); log.info('on')")
    assert done.events == ["log record cannot be formatted", "on"]
    assert done.app[0]["template"] == "%d"


def test_libraries_log_in_our_format_and_their_noise_is_gone(tmp_path: Path) -> None:
    program = """
import uvicorn, warnings
uvicorn.Config("app", log_config=None)
for name in ("uvicorn.error", "uvicorn.access", "taskiq.receiver", "taskiq.worker", "pymongo.command", "asyncio"):
    logging.getLogger(name).info("news")
    logging.getLogger(name).warning("trouble")
warnings.warn("careful")
"""
    lines = run(tmp_path, program, LOG_LEVEL="DEBUG").app
    assert [(line["logger"], line["level"]) for line in lines] == [
        ("uvicorn.error", "info"),
        ("uvicorn.error", "warning"),
        ("taskiq.receiver", "warning"),
        ("taskiq.worker", "warning"),
        ("pymongo.command", "warning"),
        ("asyncio", "warning"),
        ("py.warnings", "warning"),
    ]


def test_configuring_again_logs_each_line_once_under_the_new_name(tmp_path: Path) -> None:
    program = """
bound = log.bind(of="before"); bound.info("0")
logging.getLogger().addHandler(logging.StreamHandler())
configure(settings, "worker")
log.info("1"); logging.info("2"); bound.info("3")
"""
    done = run(tmp_path, program)
    assert done.events == ["0", "1", "2", "3"]
    assert [line["program"] for line in done.app] == ["api", "worker", "worker", "api"]
    assert [orjson.loads(line) for line in done.console.splitlines()] == done.app


def test_development_shows_aligned_colours_and_files_json(tmp_path: Path) -> None:
    program = "log.info('short', a=1, b='two words'); log.warning('rather longer')"
    done = run(tmp_path, program, APP_ENV="development", FORCE_COLOR="1")
    plain = [re.sub(r"\x1b\[\d+m", "", line) for line in done.console.splitlines()]
    assert "\x1b[" in done.console
    assert plain[0].index("ours") == plain[1].index("ours")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} \[info +\] short +ours a=1 b='two words'", plain[0])
    assert done.events == ["short", "rather longer"]


def test_development_has_no_colours_where_there_is_no_terminal(tmp_path: Path) -> None:
    done = run(tmp_path, "log.warning('short', a=1)", APP_ENV="development")
    assert re.search(r"^\S+ \[warning +\] short +ours a=1\n$", done.console)


def test_development_leaves_out_what_says_nothing_and_the_file_has_it_all(tmp_path: Path) -> None:
    program = """
with request_scope("my-request"):
    log.info("request", operation=None, fields=[], headers={}, user="", status=0, ok=False)
"""
    done = run(tmp_path, program, APP_ENV="development")
    assert re.search(r"^\S+ \[info +\] request +ours requestId=my-request status=0 ok=false\n$", done.console)
    assert list(done.app[0]) == [*KEYS, "operation", "fields", "headers", "user", "status", "ok"]


def test_development_shows_the_time_of_where_it_runs(tmp_path: Path) -> None:
    done = run(tmp_path, "log.info('hello')", APP_ENV="development", TZ="XYZ-05:30")
    here = datetime.fromisoformat(str(done.app[0]["timestamp"])) + timedelta(hours=5, minutes=30)
    assert done.console.startswith(f"{here:%H:%M:%S}.")


def test_the_development_console_escapes_what_steers_a_terminal(tmp_path: Path) -> None:
    program = r"""
evil = "x\r\n\x1b[2J\x9b1m\u202e\x07\ud800"
log.info(evil, value=evil, nested=[evil], **{evil: 1})
logging.getLogger(evil).info(evil)
try:
    raise ValueError(evil)
except ValueError:
    log.exception("trace")
"""
    done = run(tmp_path, program, APP_ENV="development", FORCE_COLOR="1")
    colourless = re.sub(r"\x1b\[\d+m", "", done.console)
    assert colourless.replace("\n", "").isprintable()
    starts = [line[:4] for line in colourless.splitlines()]
    assert [re.sub(r"\d", "0", start) for start in starts[:4]] == [*["00:0"] * 3, "Trac"]


def test_files_are_for_owner_and_group_and_their_folder_is_made(tmp_path: Path) -> None:
    program = "os.umask(0o022); configure(settings.model_copy(update={'log_dir': config.Path('deep/er')}), 'api')"
    run(tmp_path, program)
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "deep/er").iterdir()}
    assert modes == {"app.log": 0o640, "error.log": 0o640}


def test_a_folder_that_cannot_be_written_is_one_message_and_status_78(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(tmp_path, "log.info('never')", LOG_DIR="file/logs")
    assert done.status == 78
    assert re.fullmatch(r"Postberry cannot start, LOG_DIR cannot be written: .*file/logs.*\n", done.console)


def test_files_that_fail_later_are_told_of_once_and_the_console_goes_on(tmp_path: Path) -> None:
    program = """
import shutil
shutil.rmtree("logs"); open("logs", "w").close()
for number in range(3):
    log.info("on", number=number)
os.remove("logs")
log.info("back")
shutil.rmtree("logs"); open("logs", "w").close()
log.info("again")
os.remove("logs")
log.info("last")
"""
    done = run(tmp_path, program)
    told = "log files cannot be written"
    shown = [orjson.loads(line)["event"] for line in done.console.splitlines()]
    assert shown == ["on", told, "on", "on", "back", "again", told, "last"]
    assert done.events == ["last"]


def test_a_console_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "r, w = os.pipe(); os.close(r); os.dup2(w, 2); log.info('one'); log.info('two')")
    assert (done.status, done.events) == (0, ["one", "two"])


SOON = """
import asyncio
from settings.logging import SOON
soon = structlog.get_logger("ours", SOON)
"""


def test_lines_that_may_wait_are_written_together_when_the_loop_has_done_its_turn(tmp_path: Path) -> None:
    program = (
        SOON
        + """
async def main():
    soon.info("one"); soon.info("two")
    waited = os.path.getsize("logs/app.log")
    await asyncio.sleep(0)
    assert (waited, os.path.getsize("logs/app.log") > 0) == (0, True)
    soon.info("last")
asyncio.run(main())
"""
    )
    done = run(tmp_path, program)
    assert (done.status, done.events) == (0, ["one", "two", "last"])
    assert [orjson.loads(line)["event"] for line in done.console.splitlines()] == ["one", "two", "last"]


def test_a_line_that_may_not_wait_takes_those_before_it_along(tmp_path: Path) -> None:
    program = (
        SOON
        + """
async def main():
    soon.info("one")
    log.info("two")
    soon.info("three")
    soon.error("four")
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    )
    done = run(tmp_path, program)
    assert (done.events, [line["event"] for line in done.errors]) == (["one", "two", "three", "four"], ["four"])


def test_what_waits_when_the_process_ends_is_written(tmp_path: Path) -> None:
    program = (
        SOON
        + """
async def main():
    soon.info("one")
    sys.exit(3)
asyncio.run(main())
"""
    )
    done = run(tmp_path, program)
    assert (done.status, done.events) == (3, ["one"])


def test_a_forked_child_does_not_write_what_waits_in_its_parent(tmp_path: Path) -> None:
    program = (
        SOON
        + """
async def main():
    soon.info("one")
    if os.fork() == 0:
        log.info("child")
        os._exit(0)
    os.wait()
asyncio.run(main())
"""
    )
    assert sorted(map(str, run(tmp_path, program).events)) == ["child", "one"]


def test_a_forked_child_that_logs_nothing_holds_no_lock_of_its_parent(tmp_path: Path) -> None:
    program = """
import fcntl
(parent, to_parent), (child, to_child) = os.pipe(), os.pipe()
log.info("parent")
if os.fork() == 0:
    os.write(to_parent, b".")
    os.read(child, 1)
    log.info("child")
    os._exit(0)
os.read(parent, 1)
log.info("full", padding="x" * 1000)
fcntl.flock(os.open("logs/app.log.1", os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)
os.write(to_child, b".")
os.wait()
"""
    done = run(tmp_path, program, LOG_MAX_BYTES="1000")
    assert (done.status, done.events) == (0, ["child"])


WRITERS = """
configure(settings.model_copy(update={"log_max_bytes": 12_000, "log_backups": 500}), "api")
def write(writer):
    for number in range(2_000):
        log.info("line", writer=writer, number=number, padding="x" * (number % 100))
        if number % 100 == 0:
            logging.getLogger("theirs").error("error")
import multiprocessing
log.info("parent")
fork = multiprocessing.get_context("fork")
children = [fork.Process(target=write, args=(f"{os.getpid()}-{child}",)) for child in range(4)]
for child in children: child.start()
write(f"{os.getpid()}")
for child in children: child.join()
"""


def test_processes_that_rotate_under_each_other_lose_and_tear_nothing(tmp_path: Path) -> None:
    with (tmp_path / "console").open("ab") as console:
        programs = [start(tmp_path, WRITERS, console) for _ in range(2)]
        assert [program.wait(120) for program in programs] == [0, 0]
    files = list((tmp_path / "logs").iterdir())
    lines = [line for file in files if file.name.startswith("app") for line in read(file)]
    written = Counter((line["writer"], line["number"]) for line in lines if line["event"] == "line")
    assert (len(written), set(written.values())) == (20_000, {1})
    assert len(read(tmp_path / "console")) == len(lines) == 20_000 + 200 + 2
    assert sum(len(read(file)) for file in files if file.name.startswith("error")) == 200
    assert 100 < len(files) < 500
    assert all(re.fullmatch(r"(app|error)\.log(\.\d+)?", file.name) for file in files)
    assert len({line["pid"] for line in lines}) == 10
