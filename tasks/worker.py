"""The worker program: a Taskiq worker for the doorbell, and beside it the sweep and the leases."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

import structlog
from odmantic import ObjectId
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry
from pymongo.errors import PyMongoError
from taskiq import TaskiqEvents, TaskiqState

from schema import indexes
from schema.database import Database, UnusableDatabaseError, connect
from schema.jobs.messages import AnnouncementDelivery, Email, JobArchive, ReportCleanup, SalesReport, UploadCleanup
from schema.jobs.outcomes import Outcome
from schema.monitoring import Listener, listeners
from schema.signatures import SignedUrls
from schema.storage import Storage
from schema.system import service as system
from schema.system.metrics import QueueGauges
from schema.system.model import REPORT_SECONDS, Worker
from schema.times import utc_now
from settings import config, logging, sharing, tracing
from settings.config import Settings
from settings.lag import lag_measured
from settings.parent import end_with_parent, is_orphan
from settings.pulse import beating
from tasks import cron, emails
from tasks.announcements import Announcing
from tasks.broker import RUN_JOB, Doorbell
from tasks.cron import Cron
from tasks.emails import Post
from tasks.facts import Research
from tasks.handlers import Handler, Handlers, dispatch
from tasks.maintenance import Maintenance
from tasks.meters import Meters
from tasks.metrics import Endpoint, metrics_served
from tasks.processes import HURRY
from tasks.reports import Reporting
from tasks.run import Runner
from tasks.smtp import Mailer
from tasks.spans import Attempts, TracedMailer
from tasks.sweep import RENEW_SECONDS, SWEEP_SECONDS, repeat, sweep

PATIENCE_SECONDS = 0.5
"""How long a job may go on when its worker is told to end, if another worker can begin it anew."""

log = structlog.get_logger(__name__)


def create_broker() -> Doorbell:
    """Called by Taskiq in each worker process."""
    settings = config.load()
    logging.configure(settings, "worker")
    end_with_parent(settings.stop_grace)
    doorbell, opened = Doorbell(settings.redis_url), AsyncExitStack()

    async def start(state: TaskiqState) -> None:
        try:
            await opened.enter_async_context(beating())
            state.runner = await opened.enter_async_context(working(settings))
            asyncio.get_running_loop().add_signal_handler(HURRY, state.runner.hurry.set)
        except (PyMongoError, UnusableDatabaseError) as error:
            log.critical("worker cannot start, trying again", error=str(error))
            raise SystemExit(1) from None  # Taskiq's process manager starts another

    async def stop(_: TaskiqState) -> None:
        await opened.aclose()
        if is_orphan():
            sharing.forget()

    async def run_job(job_id: str) -> None:
        try:
            await doorbell.state.runner.take(ObjectId(job_id))
        except PyMongoError as error:
            log.warning("mongodb is away, the sweep finds the job", job=job_id, error=repr(error))

    doorbell.add_event_handler(TaskiqEvents.WORKER_STARTUP, start)
    doorbell.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, stop)
    doorbell.register_task(run_job, task_name=RUN_JOB)
    return doorbell


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Runner]:
    """A runner that sweeps and keeps its leases; at the end it takes nothing more and finishes what runs."""
    meters, traces = Meters(CollectorRegistry()), tracing.create(settings, "worker")
    tracer = traces.tracer if traces else None
    async with (
        tracing.exported(traces),
        _connected(settings.db_url, listeners(meters.registry, tracer)) as database,
        lag_measured(meters.registry),
        metrics_served(settings, Endpoint(settings, meters.registry, QueueGauges(database))),
        _mailer(settings, tracer) as mailer,
        _sweeping(settings, database, mailer, meters, tracer) as runner,
    ):
        yield runner


@asynccontextmanager
async def _connected(url: str, listeners: Sequence[Listener]) -> AsyncIterator[Database]:
    database = await connect(url, app_name="postberry-worker", listeners=listeners)
    try:
        await indexes.create(database)
        yield database
    finally:
        await database.close()


def _mailer(settings: Settings, tracer: Tracer | None) -> Mailer:
    if tracer:
        return TracedMailer(tracer, settings)
    return Mailer(settings.smtp_url, settings.smtp_timeout, settings.smtp_connections)


def _runner(settings: Settings, database: Database, handler: Handler, meters: Meters, tracer: Tracer | None) -> Runner:
    if tracer is None:
        return Runner(database, handler, settings.worker_concurrency, meters.ended)
    attempts = Attempts(tracer)

    def ended(outcome: Outcome, seconds: float) -> None:
        meters.ended(outcome, seconds)
        attempts.ended(outcome)

    return Runner(database, handler, settings.worker_concurrency, ended, attempts.span)


@asynccontextmanager
async def _sweeping(
    settings: Settings, database: Database, mailer: Mailer, meters: Meters, tracer: Tracer | None
) -> AsyncIterator[Runner]:
    handler = dispatch(handlers(settings, database, mailer))
    runner = _runner(settings, database, handler, meters, tracer)
    clock, report = Cron(database, cron.entries(settings)), partial(_report, database, runner, utc_now())
    drained = asyncio.Event()
    await report()
    rounds = [
        asyncio.create_task(repeat(partial(sweep, runner), SWEEP_SECONDS, runner.stopping)),
        asyncio.create_task(repeat(clock.look, cron.LOOK_SECONDS, runner.stopping)),
        asyncio.create_task(repeat(runner.renew, RENEW_SECONDS, drained)),
        asyncio.create_task(repeat(report, REPORT_SECONDS, drained)),
    ]
    log.info("worker ready", worker=runner.worker)
    try:
        yield runner
    finally:
        await runner.drain(settings.worker_drain_timeout, PATIENCE_SECONDS)
        drained.set()
        await asyncio.gather(*rounds)
        await _sign_off(database, runner)
        log.info("worker stopped", worker=runner.worker)


def handlers(settings: Settings, database: Database, mailer: Mailer) -> Handlers:
    """Who does what each message says."""
    previous, storage = settings.jwt_secret_previous.get_secret_value(), Storage(settings.storage_url)
    urls = SignedUrls.of(settings.api_url, settings.signing_secret, previous)
    post = Post(database, Research(database, settings.site, urls), settings.mail_from, mailer)
    maintenance = Maintenance(database, storage)
    return {
        Email: partial(emails.send, post),
        UploadCleanup: maintenance.clean_uploads,
        ReportCleanup: maintenance.clean_reports,
        JobArchive: maintenance.archive_jobs,
        SalesReport: Reporting(database, storage).write_sales,
        AnnouncementDelivery: Announcing(database).deliver,
    }


async def _report(database: Database, runner: Runner, started_at: datetime) -> None:
    said = Worker(
        id=runner.worker,
        host=socket.gethostname(),
        started_at=started_at,
        last_seen=utc_now(),
        running=runner.running,
        concurrency=runner.concurrency,
    )
    await system.report(database, said)


async def _sign_off(database: Database, runner: Runner) -> None:
    try:
        await system.sign_off(database, runner.worker)
    except PyMongoError as error:  # its last report will be too old soon
        log.warning("mongodb is away, this worker seems alive for a while", error=repr(error)[:200])
