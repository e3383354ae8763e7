from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiosmtplib
import pytest

from tasks.connections import IdleConnections
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


async def _connection(sink: SmtpSink) -> aiosmtplib.SMTP:
    connection = aiosmtplib.SMTP(hostname="127.0.0.1", port=urlsplit(sink.url).port)
    await connection.connect()
    return connection


@pytest.fixture
async def idle() -> AsyncIterator[IdleConnections]:
    idle = IdleConnections(seconds=3600)
    yield idle
    await idle.close()


async def test_the_newest_is_taken_first_and_none_twice(idle: IdleConnections, smtp_sink: SmtpSink) -> None:
    older, newer = await _connection(smtp_sink), await _connection(smtp_sink)
    idle.keep(older)
    idle.keep(newer)
    taken = [idle.take(), idle.take(), idle.take()]
    assert taken == [newer, older, None]
    idle.keep(older)
    idle.keep(newer)


async def test_what_the_server_has_hung_up_is_not_taken(idle: IdleConnections, smtp_sink: SmtpSink) -> None:
    async def noticed() -> bool:
        return not connection.is_connected

    idle.keep(connection := await _connection(smtp_sink))
    smtp_sink.hang_up()
    await eventually(noticed, "the end of the connection")
    assert idle.take() is None


async def test_what_nobody_needs_for_some_time_is_closed(smtp_sink: SmtpSink) -> None:
    async def closed() -> bool:
        return not any(connection.is_connected for connection in connections)

    idle = IdleConnections(seconds=0.05)
    connections = [await _connection(smtp_sink) for _ in range(3)]
    for connection in connections:
        idle.keep(connection)
    await eventually(closed, "the end of the connections")
    idle.keep(connection := await _connection(smtp_sink))
    connections.append(connection)
    await eventually(closed, "the end of a connection kept later")
    await idle.close()


async def test_at_the_end_all_are_closed(idle: IdleConnections, smtp_sink: SmtpSink) -> None:
    connections = [await _connection(smtp_sink) for _ in range(3)]
    for connection in connections:
        idle.keep(connection)
    await idle.close()
    assert [connection.is_connected for connection in connections] == [False] * 3
