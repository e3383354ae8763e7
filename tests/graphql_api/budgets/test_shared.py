"""Budgets that processes share through a real Redis."""

import signal
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from graphql_api.budgets.buckets import Account, Rate
from graphql_api.budgets.shared import AT_ONCE, Budgets, key_of
from tests.support.processes import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

SLOW = Rate(100, 0.001)


def account(who: str, rate: Rate = SLOW) -> Account:
    return Account(key_of(who), rate)


ADA = account("ada")


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[tuple[Budgets, Budgets]]:
    """Those of two processes."""
    budgets = Budgets(redis_url), Budgets(redis_url)
    yield budgets
    for each in budgets:
        await each.close()


async def test_what_one_process_lets_a_client_spend_the_other_knows(two: tuple[Budgets, Budgets]) -> None:
    here, there = two
    here.spend(ADA, 70)
    there.spend(ADA, 20)
    for each in (here, there, here):
        each.spend(ADA, 0)
        await each.exchange()
    assert int(here.left(ADA)) == int(there.left(ADA)) == 10
    assert here.left(ADA) < 30
    assert here.left(account("grace")) == 100


async def test_what_is_spent_while_they_speak_is_not_forgotten(two: tuple[Budgets, Budgets]) -> None:
    here, _ = two
    here.spend(ADA, 10)
    exchanging = here.exchange()
    here.spend(ADA, 5)
    await exchanging
    assert int(here.left(ADA)) == 85
    await here.exchange()
    assert int(here.left(ADA)) == 85


async def test_many_clients_are_told_of_in_parts(two: tuple[Budgets, Budgets]) -> None:
    here, there = two
    names = [account(f"client {number}") for number in range(AT_ONCE + 5)]
    for name in names:
        here.spend(name, 60)
        there.spend(name, 1)
    await here.exchange()
    await there.exchange()
    assert {int(there.left(name)) for name in names} == {39}


async def test_each_is_kept_by_its_own_rate(two: tuple[Budgets, Budgets]) -> None:
    here, there = two
    orders, reports = account("ada orderPlace", Rate(60, 0.001)), account("ada reportRequest", Rate(5, 0.0001))
    here.spend(orders, 20)
    here.spend(reports, 2)
    await here.exchange()
    for each in (ADA, orders, reports):
        there.spend(each, 0)
    await there.exchange()
    assert [round(there.left(each)) for each in (ADA, orders, reports)] == [100, 40, 3]


async def test_nobody_is_named_in_redis_and_a_full_budget_is_forgotten(redis_url: str) -> None:
    budgets = Budgets(redis_url)
    budgets.spend(account("address 203.0.113.7", Rate(100, 1000)), 50)
    await budgets.exchange()
    async with Redis.from_url(redis_url) as redis:
        (key,) = await redis.keys("*")
        assert b"203.0" not in key
        assert 0 < await redis.pttl(key) <= 1_050
    await budgets.close()


async def test_a_frozen_redis_delays_nobody_and_each_process_counts_by_itself(redis_server: Server) -> None:
    budgets = Budgets(redis_server.url)
    budgets.share()
    redis_server.process.send_signal(signal.SIGSTOP)
    budgets.spend(ADA, 100)
    await budgets.exchange()
    assert budgets.left(ADA) < 1
    redis_server.process.send_signal(signal.SIGCONT)
    await budgets.close()


async def test_they_keep_telling_each_other(two: tuple[Budgets, Budgets]) -> None:
    here, there = two
    here.share()
    here.spend(ADA, 70)

    async def is_known_there() -> bool:
        there.spend(ADA, 0)
        await there.exchange()
        return int(there.left(ADA)) == 30

    await eventually(is_known_there, "The other process's knowledge", 10)
