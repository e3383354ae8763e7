from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schema.jobs.retry import HIGHEST_POWER, RetryPolicy

policies = st.builds(
    RetryPolicy,
    base=st.floats(0.01, 100),
    factor=st.floats(1, 10),
    cap=st.floats(0.01, 100_000),
    jitter=st.floats(0, 1),
)
attempts = st.integers(1, 100)


@given(policies, attempts)
def test_no_delay_is_longer_than_the_cap(policy: RetryPolicy, attempt: int) -> None:
    assert timedelta() <= policy.delay(attempt) <= timedelta(seconds=policy.cap)


@given(policies, attempts)
def test_a_delay_grows_exponentially_but_for_what_jitter_takes_off(policy: RetryPolicy, attempt: int) -> None:
    longest = min(policy.cap, policy.base * policy.factor ** min(attempt - 1, HIGHEST_POWER))
    delay = policy.delay(attempt)
    rounding = timedelta(microseconds=1)
    assert timedelta(seconds=longest * (1 - policy.jitter)) - rounding <= delay
    assert delay <= timedelta(seconds=longest) + rounding


def test_without_jitter_the_delays_are_exact() -> None:
    policy = RetryPolicy(base=2, factor=4, cap=100, jitter=0)
    assert [policy.delay(attempt).total_seconds() for attempt in range(1, 6)] == [2, 8, 32, 100, 100]


def test_what_failed_together_does_not_come_back_together() -> None:
    policy = RetryPolicy()
    assert len({policy.delay(5) for _ in range(100)}) > 50
    assert len({RetryPolicy(cap=2).delay(5) for _ in range(100)}) > 50
