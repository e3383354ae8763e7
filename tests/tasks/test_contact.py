import pytest

from tasks.contact import SILENCE_SECONDS, STEADY_SECONDS, Contact


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def contact(clock: Clock) -> Contact:
    return Contact(clock)


def answer_for(contact: Contact, clock: Clock, seconds: float) -> None:
    """Let MongoDB answer each second for so long."""
    for _ in range(round(seconds)):
        clock.now += 1
        contact.answered()


def test_a_worker_that_starts_may_take_over_at_once(contact: Contact) -> None:
    assert contact.is_steady()


def test_a_worker_that_is_answered_may_take_over(contact: Contact, clock: Clock) -> None:
    answer_for(contact, clock, 60)
    assert contact.is_steady()


def test_a_worker_may_take_over_some_time_after_mongodb_is_back_and_not_before(contact: Contact, clock: Clock) -> None:
    clock.now += SILENCE_SECONDS + 1
    assert not contact.is_steady()
    contact.answered()
    assert not contact.is_steady()
    answer_for(contact, clock, STEADY_SECONDS - 1)
    assert not contact.is_steady()
    answer_for(contact, clock, 1)
    assert contact.is_steady()


def test_a_pause_that_no_lease_ends_in_is_no_silence(contact: Contact, clock: Clock) -> None:
    clock.now += SILENCE_SECONDS
    assert contact.is_steady()
    contact.answered()
    assert contact.is_steady()
