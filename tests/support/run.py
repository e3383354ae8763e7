"""Everything at once, for development: `make run`.

Under Honcho it starts what Procfile.dev lists, without those servers that DB_URL, REDIS_URL or SMTP_URL replace, and
says where everything is once it answers.
"""

import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGTERM

from honcho.environ import parse_procfile  # type: ignore[import-untyped]  # Honcho ships no types

from settings import config
from settings.config import AppEnv, Settings
from tests.support import last_run, locks
from tests.support.after_servers import EMBEDDED
from tests.support.processes import ServerError, die_with_parent, tether
from tests.support.programs import MONGOD, REDIS_SERVER, locate
from tests.support.screen import OWN_PROBE
from tests.support.supervisor import Supervisor, path_with
from tests.support.waiting import until

_READY_DEADLINE = 60

_RELEASE_SECONDS = 2
"""How long the processes of a runner that was killed may need to let go of its lock."""


@dataclass(frozen=True)
class Embedded:
    """A server of Procfile.dev, the setting that replaces it, and the URL it gets."""

    name: str
    setting: str
    url: str


_SERVERS = (
    Embedded("mongodb", "db_url", "mongodb://127.0.0.1:{port}/postberry?replicaSet=rs0"),
    Embedded("redis", "redis_url", "redis://127.0.0.1:{port}/0"),
    Embedded("mailbox", "smtp_url", "smtp://127.0.0.1:{port}"),
)


def main(procfile: str = "Procfile.dev") -> int:
    """Run until Ctrl-C or SIGTERM: 0; 1 with one sentence when something is in the way."""
    die_with_parent(SIGTERM)
    multiprocessing.set_start_method("fork", force=True)  # a fork server stays when we are killed, and all with it
    settings = config.load()
    try:
        _refuse_a_second_run()
        _await_the_last_run(settings.stop_grace + 5)
        _refuse_a_used_port(settings.host, settings.port)
        return _run(settings, Path(procfile))
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _refuse_a_second_run() -> None:
    if not locks.hold_alone(Path("var"), _RELEASE_SECONDS):
        raise ServerError("make run is already running in this folder: end that one first, with Ctrl-C where it runs.")


def _await_the_last_run(patience: float) -> None:
    """One that was killed leaves programs that end in good order, and their servers end after them."""
    if not locks.is_over(0):
        sys.stdout.write("The last run is still ending, waiting for it …\n")
        sys.stdout.flush()
        if not locks.is_over(patience):
            raise ServerError("The last run did not end: look for its processes, python -m tests.support.serve.")


def _refuse_a_used_port(host: str, port: int) -> None:
    remedy = f"choose another, as in PORT={port + 1} make run, or end what listens there."
    try:
        _bind(host, port)
    except OSError as error:
        raise ServerError(f"The API cannot listen on port {port} of {host} ({error.strerror}): {remedy}") from None


def _bind(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))


def _run(settings: Settings, procfile: Path) -> int:
    servers = [server for server in _SERVERS if server.setting not in settings.model_fields_set]
    urls = {server.setting: server.url.format(port=last_run.port_for(server.setting)) for server in servers}
    last_run.keep(urls)
    startable = [server.name for server in servers if _can_start(server.name)]
    environment = _environment(urls, startable)
    supervisor = Supervisor(settings.stop_grace + 5, partial(_announce, settings, urls, environment))
    for name, command in _commands(procfile, startable).items():
        supervisor.add_process(name, command, env=environment)
    supervisor.loop()
    return supervisor.exit_status


def _can_start(name: str) -> bool:
    if name == "mongodb":
        locate(MONGOD)
    return name != "redis" or _has_redis()


def _has_redis() -> bool:
    try:
        locate(REDIS_SERVER)
    except ServerError as error:
        sys.stdout.write(f"{error} Going on without: jobs start up to two seconds later.\n")
        return False
    return True


def _environment(urls: dict[str, str], embedded: list[str]) -> dict[str, str]:
    environment = {**os.environ, "PATH": path_with(str(Path(sys.executable).parent)), "PYTHONUNBUFFERED": "1"}
    if sys.stdout.isatty():
        environment["FORCE_COLOR"] = "1"  # the programs write into Honcho's pipe, which is no terminal
    return environment | {setting.upper(): url for setting, url in urls.items()} | {EMBEDDED: " ".join(embedded)}


def _commands(procfile: Path, embedded: list[str]) -> dict[str, str]:
    commands: dict[str, str] = parse_procfile(procfile.read_text(encoding="utf-8")).processes
    left_out = {server.name for server in _SERVERS} - set(embedded)
    return {name: command for name, command in commands.items() if name not in left_out}


def _announce(
    settings: Settings, urls: dict[str, str], environment: dict[str, str], say: Callable[[str], None]
) -> None:
    try:
        until(partial(_is_ready, settings), "The API's /ready", _READY_DEADLINE)
    except TimeoutError as error:
        say(f"{error}: the lines above say why.")
    else:
        say(_box(_addresses(settings, urls)))
        if "db_url" in urls:
            _add_demo_data(environment, say)
        else:  # it may be shared, and demo data has accounts whose password everybody knows
            say("A database of your own gets demo data by make seed only.")


def _add_demo_data(environment: dict[str, str], say: Callable[[str], None]) -> None:
    """Say what `make seed` says, which runs when nobody else does. It ends with us, and the next one goes on."""
    with subprocess.Popen(
        ["nice", sys.executable, "-m", "tests.support.seed"],  # noqa: S607  # POSIX has it, wherever that is
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=tether(SIGTERM),  # noqa: PLW1509  # it makes one system call, safe beside threads
    ) as seed:
        for line in seed.stdout or ():
            say(line.rstrip())


def _is_ready(settings: Settings) -> bool:
    connection = HTTPConnection(_reachable(settings.host), settings.port, timeout=5)
    try:
        connection.request("GET", "/ready", headers={"X-Request-ID": OWN_PROBE})
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # replaced, not bound


def _addresses(settings: Settings, urls: dict[str, str]) -> dict[str, str]:
    host = _reachable(settings.host)
    origin = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    pages = {
        "GraphiQL": f"{origin}/graphql",
        "Console": f"{origin}/console",
        "Mailbox": f"{origin}/dev/mailbox",
        "Health": f"{origin}/ready",
    }
    if settings.app_env is not AppEnv.DEVELOPMENT:
        del pages["Mailbox"]
    return pages | ({"MongoDB": urls["db_url"]} if "db_url" in urls else {}) | {"Stop": "Ctrl-C"}


def _box(lines: dict[str, str]) -> str:
    texts = [f"{name:<10}{value}" for name, value in lines.items()]
    width = max(map(len, texts))
    rule = "─" * (width + 2)
    return "\n".join([f"┌{rule}┐", *(f"│ {text:<{width}} │" for text in texts), f"└{rule}┘"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
