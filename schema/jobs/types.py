"""How GraphQL shows a job. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.jobs.messages import JobKind
from schema.jobs.model import JobStatus
from schema.nodes import Node

strawberry.enum(
    JobStatus, description="Where a job stands: QUEUED and RUNNING go on by themselves, the others are final."
)
strawberry.enum(JobKind, description="What a job does.")


@strawberry.type(name="JobAttempt", description="One try at a job.")
class AttemptType:
    """An embedded document of a job."""

    number: int = strawberry.field(description="Counted from 1.")
    started_at: datetime = strawberry.field(description="When a worker took the job.")
    finished_at: datetime | None = strawberry.field(description="Null while it runs, or when its worker died.")
    error: str | None = strawberry.field(
        description="Why it failed, as a code like SMTP_UNREACHABLE; null if it did not."
    )


@strawberry.type(
    name="Job", description="What a mutation owes: an e-mail on its way. Whoever knows the id may watch it."
)
class JobType(Node):
    """A document of `jobs`."""

    kind: JobKind = strawberry.field(description="What the job does.")
    status: JobStatus = strawberry.field(description="Where the job stands.")
    request_id: str = strawberry.field(
        description="The X-Request-ID of the request that owed it; the letter carries it too."
    )
    attempts: list[AttemptType] = strawberry.field(description="All tries so far, the first one first.")
    created_at: datetime = strawberry.field(description="When it was committed.")
    finished_at: datetime | None = strawberry.field(description="When it reached a final status.")
