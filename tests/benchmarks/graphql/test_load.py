import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from benchmarks.graphql.load import Load, run

BODIES = (b'{"query":"{a}"}', b'{"query":"{b}"}', b'{"query":"{broken}"}')


class _Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked, head and body apart; `broken` with an error."""

    protocol_version = "HTTP/1.1"
    heard: list[tuple[bytes, str | None]]

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append((asked, self.headers["authorization"]))
        answer = b'{"errors":[]}' if b"broken" in asked else asked * 40_000
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (_Handler,), {"heard": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _load(server: ThreadingHTTPServer, folder: Path, *bodies: bytes, requests: int) -> Load:
    (folder / "bodies").write_bytes(b"\n".join(bodies))
    port, pid = server.server_address[1], os.getpid()
    return Load(port, pid, str(folder / "bodies"), token="abc", requests=requests, connections=3)


def _heard(server: ThreadingHTTPServer) -> list[tuple[bytes, str | None]]:
    heard: list[tuple[bytes, str | None]] = server.RequestHandlerClass.heard  # type: ignore[attr-defined]  # the handler above
    return heard


def test_bodies_are_sent_in_turns_as_often_as_it_is_said(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    done = run(_load(server, tmp_path, *BODIES[:2], requests=10))
    assert done.requests == 10
    assert sorted(_heard(server)) == [(body, "Bearer abc") for body in BODIES[:2] for _ in range(5)]
    assert 0 < done.p50 <= done.p99
    assert done.seconds > 0


def test_it_ends_when_its_time_is_over(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    load = _load(server, tmp_path, BODIES[0], requests=10**9)
    assert run(Load(load.port, load.pid, load.bodies, seconds=0, connections=3)).requests == 3


def test_an_answer_that_tells_of_an_error_ends_it(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="errors"):
        run(_load(server, tmp_path, *BODIES, requests=10))
