"""What may be asked about jobs."""

from typing import Annotated

import strawberry

from schema.engine import Document
from schema.jobs import service
from schema.jobs.model import Job
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo, id_of, shown
from schema.permissions import PUBLIC
from schema.reading import load


@strawberry.type
class JobQueries:
    """Root fields of Query."""

    @strawberry.field(
        metadata=PUBLIC, graphql_type=JobType | None, description="A job by its id; null when there is none."
    )
    async def job(
        self,
        info: GraphQLInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="As a mutation's `job { id }` gave it.")],  # noqa: A002
    ) -> Document | None:
        """The document of the job."""
        job = await load(info, Job, id_of("Job", id), service.VISIBLE_BY)
        return shown(info, job, service.is_visible)
