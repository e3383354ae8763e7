"""Redis is a doorbell: whatever happens to it, every letter arrives and no request waits."""

import asyncio
import signal

import pytest
from redis.asyncio import Redis

from settings.config import Settings
from tests.support.application import Client
from tests.support.processes import Server
from tests.support.smtp import SmtpSink
from tests.support.worker import running_worker

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(settings: Settings, redis_server: Server) -> Settings:
    """With a Redis of the test's own."""
    return settings.model_copy(update={"redis_url": redis_server.url})


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
async def test_a_letter_arrives_while_redis_is_frozen_or_dead(
    client: Client, redis_server: Server, smtp_sink: SmtpSink, fault: signal.Signals
) -> None:
    redis_server.process.send_signal(fault)
    payload = await client.sign_up()
    assert payload["userErrors"] == []
    (letter,) = await smtp_sink.arrived(1)
    assert letter.recipients == ("ada@example.com",)


async def test_all_letters_arrive_though_redis_was_emptied(
    client: Client, settings: Settings, smtp_sink: SmtpSink
) -> None:
    addresses = {f"user{number}@example.com" for number in range(100)}
    await asyncio.gather(*(client.sign_up(email=address) for address in addresses))
    async with Redis.from_url(settings.redis_url) as redis:
        assert await redis.exists("postberry:doorbell")
        await redis.flushall()
    with running_worker(settings):
        letters = await smtp_sink.arrived(100)
    assert sorted(letter.recipients[0] for letter in letters) == sorted(addresses)
