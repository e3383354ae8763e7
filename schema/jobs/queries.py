"""What may be asked about jobs."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.connections import Connection, Paginated
from schema.engine import Document
from schema.inputs import validate_argument
from schema.jobs import operations, service
from schema.jobs.messages import JobKind
from schema.jobs.model import Job, JobFilter, JobStatus
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo, id_of, shown
from schema.pages import Page, PageArguments
from schema.permissions import PUBLIC, permitted
from schema.reading import load


@strawberry.input(description="Conditions on a time; both together.")
class TimeWhere:
    """Operators on a time."""

    gte: datetime | None = strawberry.field(default=None, description="It is this or later.")
    lte: datetime | None = strawberry.field(default=None, description="It is this or earlier.")


@strawberry.input(name="JobWhere", description="Which jobs; all conditions together.")
class JobWhere:
    """What `jobs` filters by."""

    status: JobStatus | None = strawberry.field(default=None, description="With this status.")
    kind: JobKind | None = strawberry.field(default=None, description="Of this kind.")
    created_at: TimeWhere | None = strawberry.field(default=None, description="When it was committed.")
    request_id: str | None = strawberry.field(default=None, description="Owed by the request with this X-Request-ID.")
    recipient: str | None = strawberry.field(default=None, description="For exactly this address.")
    owner_id: strawberry.ID | None = strawberry.field(
        default=None, description="This user's; another's than your own only for who may read jobs."
    )


def _wanted(where: JobWhere | None) -> JobFilter:
    if where is None:
        return JobFilter()
    values = vars(where) | {
        "created_at": where.created_at and vars(where.created_at),
        "owner_id": where.owner_id and id_of("User", where.owner_id),
    }
    return validate_argument("where", JobFilter, values)


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

    @permitted(
        Permission.SIGNED_IN,
        graphql_type=Connection[JobType],
        more=[Paginated()],
        description="Jobs, the newest first: your own, or everybody's for who may read jobs.",
    )
    async def jobs(
        self,
        info: GraphQLInfo,
        page: PageArguments,
        where: Annotated[JobWhere | None, strawberry.argument(description="Which jobs; all without it.")] = None,
    ) -> Page:
        """A page of jobs."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return await operations.find_page(info.context.database, viewer, _wanted(where), page)
