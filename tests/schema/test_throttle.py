import asyncio
import itertools
import re
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from schema.throttle import Throttle
from tests.support.processes import Server
from tests.support.servers import start_redis
from tests.support.smtp import SmtpSink
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

DAY = 86_400
IN_MEMORY, IN_REDIS = "throttle counts in memory, redis is away", "throttle counts in redis"


class Clock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.milliseconds = 1_800_000_000_000

    def __call__(self) -> float:
        return self.milliseconds / 1000

    def advance(self, seconds: float) -> None:
        self.milliseconds += round(seconds * 1000)


@asynccontextmanager
async def opened(url: str, clock: Clock, patience: float = 10) -> AsyncIterator[Throttle]:
    """A throttle that waits long for Redis, so that no busy machine makes a test turn to memory."""
    throttle = Throttle(url, now=clock, patience=patience)
    yield throttle
    await throttle.close()


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The address of a Redis that is away: nobody listens there, and nobody else can."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["redis", "memory"])
async def throttle(
    request: pytest.FixtureRequest, redis_url: str, nowhere: str, clock: Clock
) -> AsyncIterator[Throttle]:
    """Each kind of counters in turn; what was logged shows that they were those."""
    url, logged = (redis_url, []) if request.param == "redis" else (nowhere, [IN_MEMORY])
    with capture_logs() as logs:
        async with opened(url, clock) as throttle:
            yield throttle
    assert [line["event"] for line in logs] == logged


async def fail(throttle: Throttle, clock: Clock, times: int, *keys: str) -> None:
    """So many failures, each as soon as it may be."""
    for _ in range(times):
        if wait := await throttle.attempt(*keys):
            clock.advance(wait)
            await throttle.attempt(*keys)


async def passed(throttle: Throttle, *keys: str) -> int:
    """How many of 50 attempts at once may go on."""
    return (await asyncio.gather(*(throttle.attempt(*keys) for _ in range(50)))).count(0)


async def test_the_wait_doubles_from_the_fifth_failure_up_to_15_minutes(throttle: Throttle, clock: Clock) -> None:
    waits = dict.fromkeys(range(1, 19), 0.0)
    failures = 0
    for _ in range(4 + 2 * 14):  # from the fifth on each failure is followed by an attempt that has to wait
        wait = await throttle.attempt("account:ada")
        clock.advance(wait)
        failures += wait == 0
        waits[failures] = wait
    doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert list(waits.values()) == [0, 0, 0, 0, *doubling, 900, 900, 900, 900]


async def test_hundreds_of_failures_wait_no_longer(throttle: Throttle, clock: Clock) -> None:
    for _ in range(400):
        clock.advance(900)
        assert await throttle.attempt("account:ada") == 0
    assert await throttle.attempt("account:ada") == 900


async def test_a_millisecond_too_early_is_too_early(throttle: Throttle, clock: Clock) -> None:
    assert await passed(throttle, "account:ada") == 5
    clock.advance(0.999)
    assert await throttle.attempt("account:ada") == 0.001
    clock.advance(0.001)
    assert await throttle.attempt("account:ada") == 0


async def test_of_50_attempts_at_once_only_the_free_ones_pass(throttle: Throttle, clock: Clock) -> None:
    assert await passed(throttle, "account:ada", "address:192.0.2.1") == 5
    clock.advance(1)
    assert await passed(throttle, "account:ada", "address:192.0.2.1") == 1


async def test_an_attempt_that_came_too_early_is_not_counted(throttle: Throttle, clock: Clock) -> None:
    await passed(throttle, "account:ada")
    assert await throttle.attempt("account:ada", "address:192.0.2.1") == 1
    assert await passed(throttle, "address:192.0.2.1") == 5
    clock.advance(1)
    assert await throttle.attempt("account:ada") == 0


async def test_the_longer_wait_counts(throttle: Throttle, clock: Clock) -> None:
    await fail(throttle, clock, 6, "account:ada")
    await passed(throttle, "address:192.0.2.1")
    both = [("account:ada", "address:192.0.2.1"), ("address:192.0.2.1", "account:ada")]
    assert [await throttle.attempt(*keys) for keys in both] == [2, 2]


async def test_keys_do_not_touch_each_other(throttle: Throttle) -> None:
    await passed(throttle, "account:ada")
    assert await throttle.attempt("account:bob") == 0
    assert await throttle.attempt("address:ada") == 0


async def test_a_key_named_twice_counts_once(throttle: Throttle) -> None:
    assert await passed(throttle, "account:ada", "account:ada") == 5


async def test_a_success_forgets_the_failures_of_the_account_but_not_of_the_address(
    throttle: Throttle, clock: Clock
) -> None:
    await fail(throttle, clock, 6, "account:ada", "address:192.0.2.1")
    clock.advance(await throttle.attempt("account:ada"))
    assert await throttle.attempt("account:ada", "address:192.0.2.1") == 0
    await throttle.succeeded("account:ada", "address:192.0.2.1")
    assert await passed(throttle, "account:ada") == 5
    assert await passed(throttle, "address:192.0.2.1") == 1
    assert await throttle.attempt("address:192.0.2.1") == 4


async def test_many_who_succeed_from_one_address_never_wait(throttle: Throttle) -> None:
    for number in range(20):
        assert await throttle.attempt(f"account:{number}", "address:192.0.2.1") == 0
        await throttle.succeeded(f"account:{number}", "address:192.0.2.1")


async def test_a_success_without_an_attempt_changes_nothing(throttle: Throttle) -> None:
    await throttle.succeeded("account:ada", "address:192.0.2.1")
    assert await passed(throttle, "account:ada", "address:192.0.2.1") == 5


async def test_failures_are_forgotten_after_a_day_without_one(throttle: Throttle, clock: Clock) -> None:
    await fail(throttle, clock, 12, "account:ada")
    clock.advance(DAY)
    assert await passed(throttle, "account:ada") == 5


async def test_failures_are_not_forgotten_within_the_day(throttle: Throttle, clock: Clock) -> None:
    await fail(throttle, clock, 12, "account:ada")
    clock.advance(DAY - 0.001)
    assert await passed(throttle, "account:ada") == 1


async def test_successes_do_not_keep_the_failures_of_an_address_alive(throttle: Throttle, clock: Clock) -> None:
    await fail(throttle, clock, 6, "address:192.0.2.1")
    clock.advance(DAY / 2)
    await throttle.attempt("account:ada", "address:192.0.2.1")
    await throttle.succeeded("account:ada", "address:192.0.2.1")
    clock.advance(DAY / 2)
    assert await passed(throttle, "address:192.0.2.1") == 5


async def test_a_clock_that_was_set_back_prolongs_no_wait(throttle: Throttle, clock: Clock) -> None:
    await passed(throttle, "account:ada")
    clock.advance(-DAY)
    assert await throttle.attempt("account:ada") == 1
    clock.advance(1)
    assert await throttle.attempt("account:ada") == 0


async def test_any_text_is_a_key(throttle: Throttle) -> None:
    for key in ["", "\0", "\ud800", "é" * 10_000, "account:a b\r\nFLUSHALL\r\n"]:
        assert await passed(throttle, key) == 5


async def test_several_processes_count_together(redis_url: str, clock: Clock) -> None:
    async with opened(redis_url, clock) as one, opened(redis_url, clock) as two:
        waits = await asyncio.gather(*(each.attempt("account:ada") for each in [one, two] * 25))
        assert waits.count(0) == 5
        await one.succeeded("account:ada")
        assert await two.attempt("account:ada") == 0


async def test_redis_learns_no_address_and_forgets_by_itself(redis_url: str, clock: Clock) -> None:
    async with opened(redis_url, clock) as throttle, Redis.from_url(redis_url, decode_responses=True) as redis:
        await throttle.attempt("account:ada@example.com", "address:192.0.2.1")
        names = cast("list[str]", await redis.keys())
        assert [bool(re.fullmatch(r"\{postberry:throttle\}:[0-9a-f]{64}", name)) for name in names] == [True, True]
        assert all([0 < await redis.ttl(name) <= DAY for name in names])


async def test_scripts_that_redis_lost_are_sent_again(redis_server: Server, clock: Clock) -> None:
    async with opened(redis_server.url, clock) as throttle, Redis.from_url(redis_server.url) as redis:
        await throttle.attempt("account:ada")
        await redis.script_flush()
        with capture_logs() as logs:
            assert await passed(throttle, "account:ada") == 4
        assert logs == []


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
async def test_while_redis_is_frozen_or_dead_memory_goes_on_from_what_it_saw(
    redis_server: Server, clock: Clock, fault: signal.Signals
) -> None:
    async with opened(redis_server.url, clock, patience=1) as throttle:
        with capture_logs() as logs:
            await fail(throttle, clock, 1, "account:ada", "address:192.0.2.1")
            assert logs == []
            redis_server.process.send_signal(fault)
            assert await passed(throttle, "account:ada", "address:192.0.2.1") == 4
            clock.advance(1)
            assert await throttle.attempt("account:ada", "address:192.0.2.1") == 0
            await throttle.succeeded("account:ada", "address:192.0.2.1")
            assert await passed(throttle, "account:ada") == 5
        assert [line["event"] for line in logs] == [IN_MEMORY]


async def test_the_loop_goes_on_while_one_waits_for_a_frozen_redis(redis_server: Server, clock: Clock) -> None:
    async with opened(redis_server.url, clock) as throttle:
        redis_server.process.send_signal(signal.SIGSTOP)
        attempt = asyncio.create_task(throttle.attempt("account:ada"))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not attempt.done()
        redis_server.process.send_signal(signal.SIGCONT)
        assert await attempt == 0


@pytest.mark.parametrize("turn", range(10))  # what the driver does with a call that is given up is a matter of luck
async def test_by_default_nobody_waits_until_a_frozen_redis_answers(redis_server: Server, turn: int) -> None:
    throttle = Throttle(redis_server.url)
    redis_server.process.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(4):  # the driver itself gives up after five seconds
        assert await passed(throttle, f"account:{turn}") == 5
    await throttle.close()


async def test_redis_is_used_again_once_it_goes_on(redis_server: Server, clock: Clock) -> None:
    async with opened(redis_server.url, clock, patience=1) as throttle:
        with capture_logs() as logs:
            redis_server.process.send_signal(signal.SIGSTOP)
            await throttle.attempt("account:ada")
            redis_server.process.send_signal(signal.SIGCONT)
            await eventually(_returned(throttle, logs), "Redis")
        assert [line["event"] for line in logs] == [IN_MEMORY, IN_REDIS]


async def test_redis_is_used_again_once_it_is_restarted(redis_server: Server, clock: Clock, tmp_path: Path) -> None:
    async with opened(redis_server.url, clock, patience=1) as throttle:
        with capture_logs() as logs:
            await throttle.attempt("account:ada")
            redis_server.kill()
            await throttle.attempt("account:ada")
            with start_redis(tmp_path, urlsplit(redis_server.url).port or 0):
                await eventually(_returned(throttle, logs), "Redis")
                assert await passed(throttle, "account:ada") == 5
        assert [line["event"] for line in logs] == [IN_MEMORY, IN_REDIS]


def _returned(throttle: Throttle, logs: list[Any]) -> Callable[[], Any]:
    """Whether it was noticed, as somebody keeps trying, that Redis is back."""

    async def returned() -> bool:
        await throttle.attempt("account:somebody else")
        return bool(logs[-1]["event"] == IN_REDIS)

    return returned


async def test_what_is_no_redis_counts_as_away(smtp_sink: SmtpSink, clock: Clock) -> None:
    async with opened(smtp_sink.url.replace("smtp://", "redis://"), clock) as throttle:
        assert await passed(throttle, "account:ada") == 5


KEYS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3)
BORDERS = [0.001, 0.999, 1, 3, 899.999, 900, DAY - 0.001, DAY, -0.001, -5, -DAY]
STEPS = st.one_of(
    st.tuples(st.just("attempt"), KEYS),
    st.tuples(st.just("attempt, wait and attempt"), KEYS),
    st.tuples(st.just("succeed"), KEYS),
    st.tuples(st.just("advance"), st.sampled_from(BORDERS) | st.floats(-2000, 2 * DAY)),
)
_EXAMPLES = itertools.count()


@pytest.fixture
async def both(redis_url: str, nowhere: str, clock: Clock) -> AsyncIterator[tuple[Throttle, Throttle]]:
    """One throttle on Redis, and one whose Redis is away."""
    with capture_logs() as logs:
        async with opened(redis_url, clock) as on_redis, opened(nowhere, clock) as in_memory:
            yield on_redis, in_memory
    assert [line["event"] for line in logs] == [IN_MEMORY]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has keys of its own
@given(steps=st.lists(STEPS, max_size=60))
async def test_redis_and_memory_always_agree(
    both: tuple[Throttle, Throttle], clock: Clock, steps: list[tuple[str, Any]]
) -> None:
    example = next(_EXAMPLES)
    for step, value in steps:
        if step == "advance":
            clock.advance(value)
            continue
        keys = [f"{example} {key}" for key in value]
        if step == "succeed":
            await asyncio.gather(*(each.succeeded(*keys) for each in both))
        if step == "attempt, wait and attempt":
            clock.advance(await _agreed(both, keys))
        if step != "succeed":
            await _agreed(both, keys)


async def _agreed(both: tuple[Throttle, Throttle], keys: list[str]) -> float:
    one, other = await asyncio.gather(*(each.attempt(*keys) for each in both))
    assert one == other
    return one


@pytest.mark.anyio
async def test_asking_how_long_to_wait_counts_nothing(redis_url: str) -> None:
    throttle = Throttle(redis_url, patience=5)
    assert [await throttle.wait("account:ada") for _ in range(10)] == [0] * 10
    assert [await throttle.attempt("account:ada") for _ in range(5)] == [0] * 5
    assert 0 < await throttle.wait("account:ada") <= 1
    await throttle.close()
