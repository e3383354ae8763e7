"""Telling everybody something over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.announcements import service
from schema.announcements.model import NewAnnouncement
from schema.engine import Document
from schema.inputs import validate
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo
from schema.payloads import INPUT, Idempotent, KeyedInput, Payload
from schema.permissions import PUBLIC, permitted


@strawberry.input(description="An announcement.")
class UserEmailAllInput(KeyedInput):
    """What `userEmailAll` takes."""

    subject: str = strawberry.field(description="One line, 1 to 100 characters.")
    body: str = strawberry.field(
        description="Plain text of 1 to 10,000 characters; an empty line begins a new paragraph."
    )


@strawberry.type(description="The answer to `userEmailAll`.")
class AnnouncementPayload(Payload):
    """What `userEmailAll` answers."""

    job: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=JobType | None,
        description="The job that owes each user's letter: watch its `progress`; null when refused.",
    )


@strawberry.type
class AnnouncementMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.ANNOUNCEMENTS_MANAGE,
        more=[Idempotent(AnnouncementPayload)],
        description="Send an announcement to every user, one letter each; not to who is deactivated or unsubscribed.",
    )
    async def user_email_all(
        self,
        info: GraphQLInfo,
        input: Annotated[UserEmailAllInput, INPUT],  # noqa: A002  # GraphQL's own word
    ) -> AnnouncementPayload:
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.ANNOUNCEMENTS_MANAGE)
        form = validate(NewAnnouncement, {"subject": input.subject, "body": input.body})
        return AnnouncementPayload(job=await service.send_to_all(info.context, viewer, form))
