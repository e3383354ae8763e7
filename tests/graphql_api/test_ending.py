"""The API program as it is told to end, or to begin anew, while clients use it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from settings.config import Settings
from tests.support.application import running_api
from tests.support.balancer import PING, balancing
from tests.support.processes import Server, accepts, free_port
from tests.support.waiting import eventually
from tests.support.worker import await_log, logged

pytestmark = pytest.mark.anyio

SOON = 30


class Request:
    """One request of which the last byte has not been sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self._body = orjson.dumps(PING)

    async def begin(self) -> None:
        """Send all but the last byte."""
        lines = ["POST /graphql HTTP/1.1", "host: test", "content-type: application/json"]
        head = "\r\n".join([*lines, f"content-length: {len(self._body)}", "", ""])
        self._writer.write(head.encode() + self._body[:-1])
        await self._writer.drain()

    async def finish(self) -> bytes:
        """Send the last byte; all that is answered until the connection ends."""
        self._writer.write(self._body[-1:])
        return await self.reader.read()


@asynccontextmanager
async def unfinished(api: Server) -> AsyncIterator[Request]:
    """A request the program has begun to read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", _port(api))
    try:
        request = Request(reader, writer)
        await request.begin()
        async with httpx.AsyncClient() as http:
            await http.get(f"{api.url}/live")  # what came before it has been read by now
        yield request
    finally:
        writer.close()


def _port(api: Server) -> int:
    return urlsplit(api.url).port or 0


async def _ended(api: Server) -> int:
    return await asyncio.to_thread(api.process.wait, SOON)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_that_it_ends_before_it_closes(settings: Settings, number: signal.Signals) -> None:
    settings = settings.model_copy(update={"shutdown_timeout": 30, "shutdown_grace": 4})
    with running_api(settings) as api:
        async with httpx.AsyncClient(base_url=api.url, timeout=SOON) as http:
            assert "connection" not in (await http.post("/graphql", json=PING)).headers
            api.process.send_signal(number)
            await asyncio.to_thread(await_log, settings, "api ending")
            ready, answer = await http.get("/ready"), await http.post("/graphql", json=PING)
            assert (ready.status_code, ready.json()) == (503, {"status": "ending"})
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert await _ended(api) == 0
    assert [line["event"] for line in logged(settings)].count("api stopped") == 1
    assert [line for line in logged(settings) if line["level"] not in {"info", "debug"}] == []


async def test_a_request_that_has_begun_is_answered_after_the_port_is_closed(api: Server) -> None:
    async with unfinished(api) as request:
        api.process.terminate()
        await eventually(lambda: asyncio.to_thread(lambda: not accepts(_port(api))), "The end of the listening", SOON)
        answer = await request.finish()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    assert await _ended(api) == 0


async def test_a_request_that_does_not_end_is_cut_off_in_time(settings: Settings) -> None:
    with running_api(settings.model_copy(update={"shutdown_timeout": 1})) as api:
        async with unfinished(api) as request:
            api.process.terminate()
            assert await _ended(api) == 0
            assert not (await request.reader.read()).startswith(b"HTTP/1.1 200")


async def test_a_second_signal_ends_it_at_once(settings: Settings) -> None:
    settings = settings.model_copy(update={"shutdown_timeout": 300, "shutdown_grace": 200, "stop_grace": 400})
    with running_api(settings) as api:
        api.process.terminate()
        await asyncio.to_thread(await_log, settings, "api ending")
        api.process.terminate()
        assert await _ended(api) == 143
        await eventually(lambda: asyncio.to_thread(lambda: not accepts(_port(api))), "The end of the listening", SOON)


async def test_processes_whose_parent_was_killed_finish_and_free_the_port(settings: Settings) -> None:
    slow = {"shutdown_timeout": 300, "shutdown_grace": 200, "stop_grace": 400}
    settings, port = settings.model_copy(update={"api_workers": 2} | slow), free_port()
    with running_api(settings, port) as killed:
        await asyncio.to_thread(await_log, settings, "api ready", 2)
        async with unfinished(killed) as request:
            killed.kill()
            await eventually(lambda: asyncio.to_thread(lambda: not accepts(port)), "The end of the listening", SOON)
            assert (await request.finish()).startswith(b"HTTP/1.1 200 OK\r\n")
        with running_api(settings.model_copy(update={"shutdown_grace": 0}), port) as again:
            async with httpx.AsyncClient(base_url=again.url, timeout=SOON) as http:
                assert (await http.get("/ready")).status_code == 200
            await asyncio.to_thread(await_log, settings, "api ready", 4, SOON)
        await asyncio.to_thread(await_log, settings, "api stopped", 4)


async def test_a_killed_process_is_replaced(settings: Settings) -> None:
    with running_api(settings) as api:
        (ready,) = [line for line in logged(settings) if line["event"] == "api ready"]
        os.kill(int(str(ready["pid"])), signal.SIGKILL)
        await asyncio.to_thread(await_log, settings, "api ready", 2, SOON)
        async with httpx.AsyncClient(base_url=api.url, timeout=SOON) as http:
            assert (await http.get("/ready")).status_code == 200


async def test_sighup_replaces_every_process_and_loses_no_request(settings: Settings) -> None:
    settings = settings.model_copy(update={"api_workers": 2, "shutdown_grace": 1})
    with running_api(settings) as api:
        await asyncio.to_thread(await_log, settings, "api ready", 2)
        async with balancing([api.url], rate=50) as balancer:
            api.process.send_signal(signal.SIGHUP)
            await asyncio.to_thread(await_log, settings, "api stopped", 2, 120)
            assert balancer.ready == [api.url]
    assert balancer.outcomes.keys() == {"200"}
    assert len({line["pid"] for line in logged(settings) if line["event"] == "api ready"}) == 4


async def test_sighup_with_bad_settings_says_so_and_the_old_process_stays(settings: Settings, tmp_path: Path) -> None:
    with running_api(settings, folder=tmp_path) as api:
        (tmp_path / ".env.local").write_text("CURRENCY=XXQ\n")
        api.process.send_signal(signal.SIGHUP)
        event = "the new process ended with 78: bad settings; the old one stays"
        await asyncio.to_thread(await_log, settings, event, 1, SOON)
        async with httpx.AsyncClient(base_url=api.url, timeout=SOON) as http:
            assert (await http.get("/ready")).status_code == 200
    assert [line["event"] for line in logged(settings)].count("api ready") == 1


async def test_a_rolling_restart_of_two_programs_loses_no_request(settings: Settings) -> None:
    settings = settings.model_copy(update={"shutdown_timeout": 30, "shutdown_grace": 3})
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        programs = [stack.enter_context(running_api(settings, port)) for port in ports]
        async with balancing([program.url for program in programs], rate=20) as balancer:
            for program, port in zip(programs, ports, strict=True):
                program.process.terminate()
                assert await _ended(program) == 0
                stack.enter_context(running_api(settings, port))
                await eventually(lambda: _both(balancer.ready), "Both programs", SOON)
    assert balancer.outcomes.keys() == {"200"}


async def _both(ready: list[str]) -> bool:
    return len(ready) == 2
