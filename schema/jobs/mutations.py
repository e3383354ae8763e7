"""What operators may do with a job over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission
from schema.engine import Document
from schema.jobs import operations
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo, id_of
from schema.payloads import INPUT, Payload, UserErrors
from schema.permissions import PUBLIC, permitted


@strawberry.input(description="A job that is over, by the id.")
class JobRetryInput:
    """What `jobRetry` takes."""

    id: strawberry.ID = strawberry.field(description="The job.")


@strawberry.input(description="A job that waits, by the id.")
class JobCancelInput:
    """What `jobCancel` takes."""

    id: strawberry.ID = strawberry.field(description="The job.")


@strawberry.type(description="The answer to a change of a job.")
class JobPayload(Payload):
    """What the mutations here answer."""

    job: Document | None = strawberry.field(
        default=None, metadata=PUBLIC, graphql_type=JobType | None, description="The job; null when refused."
    )


@strawberry.type
class JobMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.JOBS_MANAGE,
        more=[UserErrors(JobPayload)],
        description="Run a FAILED or CANCELLED job again, at once and with as many attempts as a new one; what it "
        "tried before stays on record. NOT_ALLOWED for any other.",
    )
    async def job_retry(self, info: GraphQLInfo, input: Annotated[JobRetryInput, INPUT]) -> JobPayload:  # noqa: A002
        """Take, call, wrap."""
        return JobPayload(job=await operations.retry(info.context, id_of("Job", input.id)))

    @permitted(
        Permission.JOBS_MANAGE,
        more=[UserErrors(JobPayload)],
        description="Cancel a QUEUED job. NOT_ALLOWED for any other: what runs may have sent its letter already.",
    )
    async def job_cancel(self, info: GraphQLInfo, input: Annotated[JobCancelInput, INPUT]) -> JobPayload:  # noqa: A002
        """Take, call, wrap."""
        return JobPayload(job=await operations.cancel(info.context, id_of("Job", input.id)))
