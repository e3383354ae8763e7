"""Asking for a report over GraphQL."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.engine import Document
from schema.enums import described
from schema.inputs import validate
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo
from schema.payloads import INPUT, Idempotent, KeyedInput, Payload
from schema.permissions import PUBLIC, permitted
from schema.reports import service
from schema.reports.model import NewReport, ReportKind

described(ReportKind, "What a report is about.", SALES="Every line of every order, the oldest order first.")


@strawberry.input(description="A report over a period of at most five years.")
class ReportRequestInput(KeyedInput):
    """What `reportRequest` takes."""

    kind: ReportKind = strawberry.field(description="What it is about.")
    from_: datetime = strawberry.field(name="from", description="From this time; without a zone it is one of UTC.")
    to: datetime = strawberry.field(description="Until before this time.")


@strawberry.type(description="The answer to `reportRequest`.")
class ReportPayload(Payload):
    """What `reportRequest` answers."""

    job: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=JobType | None,
        description="The report being written: watch its `progress`; null when refused.",
    )


@strawberry.type
class ReportMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.REPORTS_MANAGE,
        more=[Idempotent(ReportPayload)],
        description="Have a report written as CSV. A letter with a link to it comes when it is there.",
    )
    async def report_request(self, info: GraphQLInfo, input: Annotated[ReportRequestInput, INPUT]) -> ReportPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.REPORTS_MANAGE)
        form = validate(NewReport, {"kind": input.kind, "from": input.from_, "to": input.to})
        return ReportPayload(job=await service.request(info.context, viewer, form))
