"""What the log is like after many requests that nobody sends in good faith."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from settings.config import Settings
from tests.support.application import Client
from tests.support.hostile import SECRET, requests
from tests.support.malformed.every import UNFINISHED, malformed
from tests.support.processes import Server

pytestmark = pytest.mark.anyio

COUNT = 2_000
AT_ONCE = 16
STANDARD = {"timestamp", "level", "event", "requestId", "pid", "program", "logger"}
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


async def test_the_log_parses_line_by_line_and_holds_no_secret(api: Server, client: Client, settings: Settings) -> None:
    await client.sign_up()
    tokens = await client.sign_in()
    waiting = iter(requests(COUNT))
    answers = await asyncio.gather(*(_send(api, waiting) for _ in range(AT_ONCE)))
    answered = sum(answer.startswith(b"HTTP/1.1 ") and b"x-request-id" in answer for each in answers for answer in each)
    await client.post("{ __typename }", x_request_id="the-last-one")
    assert answered > COUNT / 2
    for log in (settings.log_dir / "app.log", settings.log_dir.parent / f"api-{urlsplit(api.url).port}.log"):
        lines = _checked(log)
        assert sum(line["event"] == "request" for line in lines) >= answered
        for secret in (
            SECRET,
            SECRET.replace("-", "_"),
            "correct horse",
            tokens["accessToken"],
            tokens["refreshToken"],
        ):
            assert secret not in log.read_text()


async def test_nothing_malformed_is_a_fault_of_ours(api: Server, client: Client, settings: Settings) -> None:
    waiting = list(malformed().items())
    assert len({request for _, request in waiting}) == len(waiting) >= 200
    answers = await asyncio.gather(*(_answers(api, waiting[lane::AT_ONCE]) for lane in range(AT_ONCE)))
    statuses = {name: answer[:12].decode() for each in answers for name, answer in each}
    assert not {name: status for name, status in statuses.items() if status.startswith("HTTP/1.1 5")}
    assert sum(status.startswith("HTTP/1.1") for status in statuses.values()) > len(waiting) * 0.95
    assert {status[9:] for name, status in statuses.items() if name.startswith("frame")} == {"101"}
    assert (await client.post("{__typename}")).json()["data"] == {"__typename": "Query"}
    assert "Traceback" not in (settings.log_dir.parent / f"api-{urlsplit(api.url).port}.log").read_text()
    _checked(settings.log_dir / "app.log")


async def _answers(api: Server, waiting: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    port = urlsplit(api.url).port or 0
    return [(name, await _answer(port, request, hangs_up=name.startswith(UNFINISHED))) for name, request in waiting]


def _checked(log: Path) -> list[dict[str, object]]:
    """The lines, each of which is one whatever splits them."""
    text = log.read_text()
    lines = [orjson.loads(line) for line in text.splitlines()]
    assert text.count("\n") == len(lines)
    assert not STEERING.search(text.replace("\n", ""))
    assert all(line.keys() >= STANDARD for line in lines)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{8,64}", line["requestId"]) for line in lines if line["requestId"])
    assert not [line for line in lines if line["level"] in {"error", "critical"}]
    return lines


async def _send(api: Server, waiting: Iterable[bytes]) -> list[bytes]:
    return [await _answer(urlsplit(api.url).port or 0, request) for request in waiting]


async def _answer(port: int, request: bytes, *, hangs_up: bool = True) -> bytes:
    """What comes back, until the server has closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        if hangs_up:
            writer.write_eof()
        return await reader.read()
    except ConnectionError:  # refused in the middle of it
        return b""
    finally:
        writer.close()
