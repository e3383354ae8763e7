"""What the worker traces: each attempt at a job, in the trace of the request that owed it, and each letter's way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.util.types import Attributes
from typing_extensions import override

from schema.jobs.messages import MESSAGES
from schema.jobs.outcomes import Outcome
from schema.jobs.service import Claim
from schema.system.metrics import UNKNOWN
from settings import urls
from settings.config import Settings
from settings.tracing import following
from tasks.errors import JobError
from tasks.letters import Letter
from tasks.smtp import Mailer


class Attempts:
    """Makes a span of each attempt; the row of its job says which it follows."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, claim: Claim) -> Iterator[None]:
        """Around an attempt, until its outcome is recorded."""
        job = claim.job
        kind = job["kind"] if job["kind"] in MESSAGES else UNKNOWN
        facts = {"job.id": str(claim.id), "job.kind": kind, "job.attempt": claim.attempt}
        with self._tracer.start_as_current_span(
            f"attempt {kind}",
            following(job.get("traceparent")),
            SpanKind.CONSUMER,
            facts | {"request.id": job["request_id"]},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except asyncio.CancelledError:
                span.set_status(StatusCode.ERROR, "cut off")
                raise

    def ended(self, outcome: Outcome) -> None:
        """Note how it ended, within its span: by the code, since an error's text may hold addresses."""
        span = get_current_span()
        span.set_attribute("job.status", outcome.update["$set"]["status"])
        if outcome.error:
            span.set_attribute("error.type", outcome.error)
            span.set_status(StatusCode.ERROR)


class TracedMailer(Mailer):
    """A mailer that makes a span of each letter's way to the server, without a word of the letter."""

    def __init__(self, tracer: Tracer, settings: Settings) -> None:
        super().__init__(settings.smtp_url, settings.smtp_timeout, settings.smtp_connections)
        self._tracer = tracer
        host, port = urls.mail_server(settings.smtp_url)
        self._server: Attributes = {"server.address": host, "server.port": port}

    @override
    async def _deliver(self, letter: Letter, is_owed: Callable[[], Awaitable[bool]]) -> None:
        with self._tracer.start_as_current_span(
            "smtp", None, SpanKind.CLIENT, self._server, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                await super()._deliver(letter, is_owed)
            except JobError as error:
                span.set_attribute("error.type", error.code)
                span.set_status(StatusCode.ERROR)
                raise
            span.set_attribute("smtp.response.status_code", TAKEN)


TAKEN = 250
"""What SMTP answers for a letter it has taken."""
