"""`python -m graphql_api`: the API program."""

import os
import socket
import subprocess
import sys
import time

import structlog
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE

from graphql_api.keepalive import MOST_MESSAGE, HttpProtocol, WebSocketProtocol
from graphql_api.supervisor import Supervisor
from schema import startup
from settings import config, logging
from settings.config import Settings
from settings.sharing import shared_metrics

log = structlog.get_logger(__name__)

KEEP_ALIVE_SECONDS = 75
"""How long a quiet connection is kept: longer than proxies and clients keep it, who would meet a closed one."""

ANSWER_SECONDS = 30
"""How long a process may take to get ready, or leave its supervisor without an answer, before it is replaced."""

BIND_SECONDS = 10.0
"""How long a port is waited for: processes whose parent was killed need a moment to let go of it."""


def server(settings: Settings) -> Config:
    """Uvicorn's options. Forwarded headers are read from TRUSTED_PROXIES alone; requests are logged by us."""
    return Config(
        "graphql_api.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.api_workers,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=MOST_MESSAGE,
        ws_per_message_deflate=False,  # short messages gain nothing, and each socket would pay with its memory
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_timeout - settings.shutdown_grace,  # type: ignore[arg-type]  # asyncio takes it
        timeout_worker_healthcheck=ANSWER_SECONDS,
    )


def bind(host: str, port: int, seconds: float = BIND_SECONDS) -> socket.socket:
    """The socket all API processes listen on; OSError says why there is none."""
    end = time.monotonic() + seconds
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.set_inheritable(True)
    while not _binds(listener, (host, port), is_last=time.monotonic() > end):
        time.sleep(0.5)
    return listener


def _binds(listener: socket.socket, address: tuple[str, int], *, is_last: bool) -> bool:
    try:
        listener.bind(address)
    except OSError as error:
        if is_last:
            listener.close()
            raise
        log.warning("the port cannot be had, trying again", port=address[1], error=error.strerror)
        return False
    return True


def main() -> None:
    """Run until a signal ends it; a process that dies is replaced, also when it is the only one."""
    settings = config.load()
    logging.configure(settings, "api")
    sys.exit(startup.prepare(settings, "api") or _check_documents(settings) or _serve(settings))


def _check_documents(settings: Settings) -> int:
    """By a process of its own, so that this one, which only starts others, never holds the schema."""
    if settings.trusted_documents is None:
        return 0
    return subprocess.run([sys.executable, "-m", "graphql_api.trusted"], check=False).returncode


def _serve(settings: Settings) -> int:
    try:
        listener = bind(settings.host, settings.port)
    except OSError as error:
        log.critical("cannot start, the port cannot be had: see HOST and PORT", port=settings.port, error=str(error))
        return os.EX_TEMPFAIL
    supervisor = Supervisor(server(settings), [listener], settings.stop_grace)
    with shared_metrics():
        supervisor.run()
    failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    return os.EX_TEMPFAIL if failed else supervisor.status


if __name__ == "__main__":
    main()
