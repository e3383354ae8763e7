"""One attempt at a job: handled, and judged by how that ended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import structlog
from opentelemetry.trace import get_current_span

from schema.jobs import outcomes, payloads
from schema.jobs.messages import MESSAGES, RETRY
from schema.jobs.outcomes import OUTAGES, Outcome
from schema.jobs.payloads import UnknownKindError
from schema.jobs.retry import RetryPolicy
from schema.jobs.service import Claim
from schema.times import utc_now
from tasks.errors import JobError, PermanentError, TemporaryError
from tasks.handlers import Handler

OUTAGE_CAP = 60.0
"""Seconds between two attempts while a server is away: they cost little, and nobody waits longer when it is back."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended, and the line to log once that is recorded."""

    outcome: Outcome
    tell: Callable[[], None]


async def attempt(handler: Handler, claim: Claim) -> Ended:
    """Do what the job says. Whatever happens is an outcome of this job alone."""
    try:
        await _handle(handler, claim)
    except JobError as error:
        return _failed(claim, error)
    except Exception as error:  # noqa: BLE001  (a fault of ours: logged with its trace when it is recorded)
        get_current_span().set_attribute("exception.type", type(error).__name__)
        return _failed(claim, TemporaryError("INTERNAL_ERROR", repr(error)), error)
    return Ended(outcomes.succeeded(claim), partial(log.info, "job succeeded", **_facts(claim)))


async def _handle(handler: Handler, claim: Claim) -> None:
    if claim.counted > _policy(claim).attempts:
        raise PermanentError("WORKER_DIED", "every attempt ended without a word from its worker")
    try:
        message = payloads.parse(claim.job["kind"], claim.job["payload"])
    except UnknownKindError as error:
        raise PermanentError("UNKNOWN_KIND", str(error)) from error
    except ValueError as error:
        raise PermanentError("UNREADABLE", str(error)) from error
    await handler(claim, message)


def _failed(claim: Claim, error: JobError, raised: Exception | None = None) -> Ended:
    facts = _facts(claim) | {"error": error.code, "detail": error.detail} | ({"exc_info": raised} if raised else {})
    exhausted = claim.counted >= _policy(claim).attempts and error.code not in OUTAGES
    if isinstance(error, PermanentError) or exhausted:
        return Ended(outcomes.failed(claim, error.code, error.detail), partial(log.error, "job failed", **facts))
    policy = replace(_policy(claim), cap=OUTAGE_CAP) if error.code in OUTAGES else _policy(claim)
    due = utc_now() + policy.delay(claim.attempt - claim.job["attempts_before"])
    tell = partial(log.warning, "job attempt failed", due=due.isoformat(), **facts)
    return Ended(outcomes.again(claim, due, error.code, error.detail), tell)


def _facts(claim: Claim) -> dict[str, object]:
    return {"job": str(claim.id), "kind": claim.job["kind"], "attempt": claim.attempt}


def _policy(claim: Claim) -> RetryPolicy:
    """The one of the job's kind."""
    message = MESSAGES.get(claim.job["kind"])
    return message.retry if message else RETRY
