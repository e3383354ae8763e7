"""How GraphQL shows how the program is. The sources are documents."""

from datetime import datetime

import strawberry

from schema.engine import Document
from schema.jobs.messages import MESSAGES, JobKind
from schema.permissions import PUBLIC


@strawberry.type(name="Worker", description="A worker process that lives.")
class WorkerType:
    """A document of `workers`."""

    @strawberry.field(metadata=PUBLIC, description="As `JobAttempt.worker` has it.")
    def id(self, root: strawberry.Parent[Document]) -> str:
        """The worker's own name for itself."""
        return str(root["_id"])

    host: str = strawberry.field(metadata=PUBLIC, description="The machine, or the container, it runs on.")
    started_at: datetime = strawberry.field(metadata=PUBLIC, description="When it got ready.")
    last_seen: datetime = strawberry.field(metadata=PUBLIC, description="When it last reported, as it does every 5 s.")
    running: int = strawberry.field(metadata=PUBLIC, description="How many jobs it ran then.")
    concurrency: int = strawberry.field(metadata=PUBLIC, description="How many it runs at once at most.")


@strawberry.type(name="QueueStatus", description="The jobs of one kind that are not done.")
class QueueStatusType:
    """A row of the count."""

    @strawberry.field(metadata=PUBLIC, description="The kind; null for one this version does not know.")
    def kind(self, root: strawberry.Parent[Document]) -> JobKind | None:
        """The kind, if it is one of ours."""
        return JobKind(root["kind"]) if root["kind"] in MESSAGES else None

    queued: int = strawberry.field(metadata=PUBLIC, description="How many wait, be it for their next attempt.")
    running: int = strawberry.field(metadata=PUBLIC, description="How many run.")
    failed: int = strawberry.field(metadata=PUBLIC, description="How many have failed for good; see `jobRetry`.")
    oldest_age_seconds: int | None = strawberry.field(
        metadata=PUBLIC, description="How long ago the oldest that waits was committed; null when none waits."
    )


@strawberry.type(description="How the program is.")
class SystemStatus:
    """Workers and what waits for them."""

    workers: list[Document] = strawberry.field(
        metadata=PUBLIC, graphql_type=list[WorkerType], description="Those that live."
    )
    queue: list[Document] = strawberry.field(
        metadata=PUBLIC,
        graphql_type=list[QueueStatusType],
        description="By kind; kinds of which all is done are left out.",
    )
