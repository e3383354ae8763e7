"""What may be watched of jobs."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from schema.engine import Document
from schema.jobs import service
from schema.jobs.model import FINAL, Job
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo, id_of
from schema.permissions import PUBLIC
from schema.reading import follow

NEEDED = service.VISIBLE_BY | {"status"}
"""What a subscription reads beside what is selected: who may see the job, and whether it is over."""


@strawberry.type
class JobSubscriptions:
    """Root fields of Subscription."""

    @strawberry.subscription(
        metadata=PUBLIC,
        graphql_type=JobType,
        description="A job as it is now, and again each time it changes; ends after a final status. "
        "NOT_FOUND when there is none.",
    )
    async def job_updated(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="As a mutation's `job { id }` gave it.")],  # noqa: A002
    ) -> AsyncGenerator[Document, None]:
        """The documents of the job."""
        async with aclosing(follow(info, Job, id_of("Job", id), NEEDED, service.is_visible)) as jobs:
            async for job in jobs:
                yield job
                if job["status"] in FINAL:
                    return
