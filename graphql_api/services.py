"""What one API process holds from its start to its stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from opentelemetry.trace import Tracer

from graphql_api.auth import Authenticator
from graphql_api.budgets.purse import Allowance, Purse, purse_of
from graphql_api.budgets.shared import Budgets
from graphql_api.caching.answers import Answers
from graphql_api.caching.opening import PublicData, open_answers
from graphql_api.meters import Meters
from graphql_api.persisted.file import TrustedDocuments
from graphql_api.persisted.lookup import PersistedDocuments
from graphql_api.persisted.shared import SharedDocuments
from schema import indexes
from schema.access import Viewer
from schema.changes import Changes
from schema.context import Client, Context
from schema.cursors import Cursors
from schema.database import Database, connect_within
from schema.finds import Finds
from schema.idempotency.service import Idempotency
from schema.jobs.model import Job
from schema.loaders import Loaders
from schema.locks import Locks
from schema.monitoring import listeners
from schema.orders.model import Order
from schema.passwords import PasswordHasher
from schema.sessions.model import Session
from schema.signatures import SignedUrls
from schema.storage import Storage
from schema.system.metrics import QueueGauges
from schema.throttle import Throttle
from schema.tokens import AccessTokens
from schema.users.model import User
from settings.config import Settings
from tasks.broker import Bell, Doorbell

CONNECT_SECONDS = 30.0
"""How long a process that is replaced waits for a MongoDB that is away; less than STOP_GRACE."""

WATCHED = (Job, Order, Session, User)
"""The models whose documents subscriptions follow, and those that say whether a socket's token still holds."""


@dataclass(frozen=True, slots=True)
class Services:
    """Opened once, shared by all requests."""

    database: Database
    nearby: Database
    doorbell: Doorbell
    bell: Bell
    passwords: PasswordHasher
    tokens: AccessTokens
    throttle: Throttle
    cursors: Cursors
    locks: Locks
    idempotency: Idempotency
    storage: Storage
    signed_urls: SignedUrls
    changes: Changes
    authenticator: Authenticator
    settings: Settings
    meters: Meters
    queue: QueueGauges
    budgets: Budgets
    persisted: PersistedDocuments
    finds: Finds
    allowance: Allowance
    tracer: Tracer | None = None
    answers: Answers | None = None

    def context(self, request_id: str, viewer: Viewer | None, client: Client) -> Context:
        """What one request works with."""
        return Context(
            database=self.database,
            nearby=self.nearby,
            loaders=Loaders(self.database, self.finds),
            ring=self.bell.ring,
            passwords=self.passwords,
            tokens=self.tokens,
            throttle=self.throttle,
            cursors=self.cursors,
            changes=self.changes,
            locks=self.locks,
            idempotency=self.idempotency,
            storage=self.storage,
            signed_urls=self.signed_urls,
            upload_max_bytes=self.settings.upload_max_bytes,
            upload_quota_files=self.settings.upload_quota_files,
            upload_quota_bytes=self.settings.upload_quota_bytes,
            request_id=request_id,
            seconds=self.settings.query_timeout,
            currency=self.settings.currency,
            require_verified_email=self.settings.require_verified_email,
            viewer=viewer,
            client=client,
            purse=self._purse(viewer, client),
        )

    def _purse(self, viewer: Viewer | None, client: Client) -> Purse | None:
        if not self.settings.rate_limit_enabled:
            return None
        return purse_of(self.budgets, self.allowance, viewer, client)


@asynccontextmanager
async def opened(
    settings: Settings,
    meters: Meters,
    trusted: TrustedDocuments,
    public: PublicData,
    tracer: Tracer | None = None,
) -> AsyncIterator[Services]:
    """Open everything, and close it at the end; with a `tracer` it makes spans."""
    storage = Storage(settings.storage_url)
    watched = listeners(meters.registry, tracer)
    database = await connect_within(CONNECT_SECONDS, settings.db_url, app_name="postberry-api", listeners=watched)
    await indexes.create(database)
    answers = _answers(settings, public, database, meters)
    database = replace(database, wrote=answers.changed if answers else None)
    persisted = _persisted(settings, trusted, meters)
    services = replace(_services(settings, database, storage, meters, persisted), tracer=tracer, answers=answers)
    services.budgets.share()
    try:
        yield services
    finally:
        if services.answers:
            await services.answers.close()
        await services.persisted.close()
        await services.budgets.close()
        await services.changes.close()
        await services.bell.close()
        services.passwords.close()
        await services.throttle.close()
        await services.doorbell.shutdown()
        await database.close()


def _answers(settings: Settings, public: PublicData, database: Database, meters: Meters) -> Answers | None:
    if not settings.answer_cache_enabled:
        return None
    return open_answers(settings, public, database.engine.database_name, meters.kept)


def _persisted(settings: Settings, trusted: TrustedDocuments, meters: Meters) -> PersistedDocuments:
    may_be_added = settings.persisted_queries and not trusted.are_all
    return PersistedDocuments(trusted, SharedDocuments(settings.redis_url) if may_be_added else None, meters.named)


def _services(
    settings: Settings, database: Database, storage: Storage, meters: Meters, persisted: PersistedDocuments
) -> Services:
    doorbell = Doorbell(settings.redis_url)
    secret, previous = settings.signing_secret, settings.jwt_secret_previous.get_secret_value() or None
    tokens = AccessTokens(secret, previous)
    secrets = tuple(each for each in (secret, previous) if each)
    return Services(
        database=database,
        nearby=database.reading(settings.read_preference),
        doorbell=doorbell,
        bell=Bell(doorbell, meters.missed),
        passwords=PasswordHasher(),
        tokens=tokens,
        throttle=Throttle(settings.redis_url),
        cursors=Cursors.of(secret),
        locks=Locks(),
        idempotency=Idempotency.of(*secrets),
        storage=storage,
        signed_urls=SignedUrls.of(settings.api_url, *secrets),
        changes=Changes(database, WATCHED),
        authenticator=Authenticator(database, tokens),
        settings=settings,
        meters=meters,
        queue=QueueGauges(database),
        budgets=Budgets(settings.redis_url),
        allowance=Allowance.of(settings),
        persisted=persisted,
        finds=Finds(),
    )
