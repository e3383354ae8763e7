"""The budgets of one process."""

from hypothesis import given
from hypothesis import strategies as st

from graphql_api.budgets.buckets import MOST, Account, Buckets, Rate

AMOUNTS = st.lists(st.tuples(st.integers(1, 200), st.floats(0, 5)), max_size=50)


def account(key: str) -> Account:
    return Account(key, Rate(10, 1))


ADA = account("a")


@given(st.integers(1, 300), st.integers(1, 50), AMOUNTS)
def test_never_is_more_spent_than_a_full_budget_and_what_came_back(
    capacity: int, per_second: int, tries: list[tuple[int, float]]
) -> None:
    buckets, ada, now, spent = Buckets(), Account("a", Rate(capacity, per_second)), 0.0, 0
    for amount, pause in tries:
        now += pause
        if amount <= capacity and not buckets.wait(ada, amount, now):
            buckets.spend(ada, amount, now)
            spent += amount
        assert spent <= capacity + per_second * now + 1e-6


@given(st.integers(1, 300), st.integers(1, 50), st.integers(1, 300))
def test_who_waits_as_long_as_they_are_told_may_spend(capacity: int, per_second: int, amount: int) -> None:
    buckets, ada = Buckets(), Account("a", Rate(capacity, per_second))
    buckets.spend(ada, capacity, 10.0)
    wait = buckets.wait(ada, amount, 10.0)
    assert wait > 0
    assert buckets.wait(ada, amount, 10.0 + wait + 1e-6) == 0


def test_budgets_are_apart_and_what_is_given_back_is_not_more_than_full() -> None:
    buckets = Buckets()
    buckets.spend(ADA, 10, 0)
    assert (buckets.wait(ADA, 1, 0), buckets.wait(account("b"), 10, 0)) == (1, 0)
    buckets.spend(ADA, -50, 0)
    assert buckets.left(ADA, 0) == 10


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    buckets = Buckets()
    buckets.spend(ADA, 4, 100)
    assert buckets.left(ADA, 50) == 6


def test_those_used_last_are_kept() -> None:
    buckets = Buckets()
    for number in range(MOST + 1):
        buckets.spend(account(str(number)), 10, 0)
    assert (buckets.left(account("0"), 0), buckets.left(account("1"), 0)) == (10, 0)


def test_each_fills_up_by_its_own_rate() -> None:
    buckets, slow, fast = Buckets(), Account("slow", Rate(10, 1)), Account("fast", Rate(100, 10))
    buckets.spend(slow, 10, 0)
    buckets.spend(fast, 100, 0)
    assert (buckets.left(slow, 5), buckets.left(fast, 5)) == (5, 50)
