import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from tasks.breaker import FAILURES, Breaker
from tasks.errors import JobError, OutageError, PermanentError, TemporaryError

pytestmark = pytest.mark.anyio

AWAY = OutageError("AWAY", "nobody answers")
AT_ONCE, NEVER = 0, 3600


def _use(breaker: Breaker, error: JobError | None = None) -> None:
    with breaker.watching():
        if error:
            raise error


def _paused(pause: float) -> Breaker:
    breaker = Breaker("SERVER_AWAY", pause)
    for _ in range(FAILURES):
        with pytest.raises(OutageError):
            _use(breaker, AWAY)
    return breaker


async def test_a_server_that_failed_too_often_in_a_row_is_used_no_more() -> None:
    breaker = _paused(NEVER)
    with pytest.raises(TemporaryError, match=r"^SERVER_AWAY: paused after 5 failures in a row: AWAY: nobody answers$"):
        _use(breaker)


@pytest.mark.parametrize("answer", [None, PermanentError("NO", "no"), TemporaryError("LATER", "later")])
async def test_any_answer_ends_the_row(answer: JobError | None) -> None:
    breaker = Breaker("SERVER_AWAY", NEVER)
    for error in [*[AWAY] * (FAILURES - 1), answer] * 2:
        with suppress(JobError):
            _use(breaker, error)
    assert not breaker.is_paused


async def test_after_the_pause_one_job_asks_whether_the_server_is_back() -> None:
    breaker = _paused(AT_ONCE)
    with breaker.watching(), pytest.raises(TemporaryError, match="paused"):
        _use(breaker)
    assert not breaker.is_paused
    _use(breaker)


async def test_a_server_that_is_still_away_stays_paused() -> None:
    breaker = _paused(AT_ONCE)
    with pytest.raises(OutageError):
        _use(breaker, AWAY)
    assert breaker.is_paused
    _use(breaker)
    assert not breaker.is_paused


async def test_a_job_that_was_cut_off_while_it_asked_lets_another_ask() -> None:
    breaker = _paused(AT_ONCE)
    with pytest.raises(asyncio.CancelledError), breaker.watching():
        raise asyncio.CancelledError
    assert breaker.is_paused
    _use(breaker)
    assert not breaker.is_paused


async def test_a_pause_is_logged_when_it_begins_and_when_it_ends() -> None:
    with capture_logs() as logs:
        breaker = _paused(AT_ONCE)
        with pytest.raises(OutageError):
            _use(breaker, AWAY)
        _use(breaker)
        _use(breaker)
    assert [line["event"] for line in logs] == ["server paused, jobs wait until it is back", "server is back"]
