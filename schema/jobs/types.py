"""How GraphQL shows a job. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.access import Permission
from schema.engine import Document
from schema.enums import described
from schema.jobs.messages import MESSAGES, JobKind
from schema.jobs.model import JobStatus
from schema.nodes import Node
from schema.permissions import PUBLIC, permitted
from schema.selection import reads

described(
    JobStatus,
    "Where a job stands: QUEUED and RUNNING go on by themselves, the others are final.",
    QUEUED="It waits: for a worker, or for its next attempt.",
    RUNNING="A worker has it.",
    SUCCEEDED="It is done.",
    FAILED="No attempt is left, or none would help; `jobRetry` gives it new ones.",
    CANCELLED="It was called off before it was done.",
)
described(
    JobKind,
    "What a job does.",
    SIGN_UP_EMAIL="A welcome, or word to an owner that somebody used the address again.",
    PASSWORD_RESET_EMAIL="A letter with the link to a new password, where there is an account.",  # noqa: S106  (no password)
    PASSWORD_CHANGED_EMAIL="Word that an account has a new password.",  # noqa: S106  (no password)
    ORDER_CONFIRMATION_EMAIL="Word that an order was placed.",
    ORDER_STATUS_EMAIL="Word that an order got another status.",
    UPLOAD_CLEANUP="Deletes uploads that nothing uses.",
    REPORT_CLEANUP="Deletes the files of old reports.",
    JOB_ARCHIVE="Moves jobs that ended long ago into the archive.",
    SALES_REPORT="Writes a report that somebody asked for.",
    DAILY_SALES_REPORT="Writes the report of a day's sales.",
    REPORT_READY_EMAIL="A letter with the link to a report.",
    ANNOUNCEMENT_DELIVERY="Owes every user the letter of an announcement.",
    ANNOUNCEMENT_EMAIL="An announcement, to one user.",
)


@strawberry.type(name="JobAttempt", description="One try at a job.")
class AttemptType:
    """An embedded document of a job."""

    number: int = strawberry.field(metadata=PUBLIC, description="Counted from 1.")
    started_at: datetime = strawberry.field(metadata=PUBLIC, description="When a worker took the job.")
    finished_at: datetime | None = strawberry.field(
        metadata=PUBLIC, description="Null while it runs, or when its worker died."
    )
    error: str | None = strawberry.field(
        metadata=PUBLIC, description="Why it failed, as a code like SMTP_UNREACHABLE; null if it did not."
    )

    @permitted(Permission.JOBS_READ, metadata=reads("detail"), description="The whole text of the error.")
    async def detail(self, root: strawberry.Parent[Document]) -> str | None:
        """As the mail server, or Python, put it."""
        return root.get("detail")

    @permitted(
        Permission.JOBS_READ, metadata=reads("worker"), description="Who made it, as `systemStatus { workers { id } }`."
    )
    async def worker(self, root: strawberry.Parent[Document]) -> str | None:
        """The worker process."""
        return str(root["worker"])


@strawberry.type(name="JobProgress", description="How far a job has got.")
class ProgressType:
    """An embedded document of a job."""

    done: int = strawberry.field(metadata=PUBLIC, description="How much is done, in the job's own unit.")
    total: int = strawberry.field(metadata=PUBLIC, description="How much there is to do, as far as is known.")
    word: str = strawberry.field(metadata=PUBLIC, description="What it is at, in a word or two.")


@strawberry.type(
    name="Job",
    description="Something owed, like an e-mail on its way. Shown to its owner; owed with nobody signed in, to who "
    "knows the id.",
)
class JobType(Node):
    """A document of `jobs`."""

    @strawberry.field(
        metadata=PUBLIC | reads("kind"),
        description="What the job does; null: another version owed it, and this one does not know.",
    )
    def kind(self, root: strawberry.Parent[Document]) -> JobKind | None:
        """The kind, if it is one of ours."""
        return JobKind(root["kind"]) if root["kind"] in MESSAGES else None

    status: JobStatus = strawberry.field(metadata=PUBLIC, description="Where the job stands.")
    request_id: str = strawberry.field(
        metadata=PUBLIC, description="The X-Request-ID of the request that owed it; the letter carries it too."
    )
    attempts: list[AttemptType] = strawberry.field(
        metadata=PUBLIC, description="The tries so far, the last hundred, the first one first."
    )
    progress: ProgressType | None = strawberry.field(
        metadata=PUBLIC, description="How far it has got; null for what is done in one go."
    )
    due: datetime | None = strawberry.field(
        metadata=PUBLIC,
        description="When it is tried next, or, while it runs, taken over if its worker says nothing more; "
        "null when it is over.",
    )
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it was committed.")
    finished_at: datetime | None = strawberry.field(metadata=PUBLIC, description="When it reached a final status.")

    @permitted(Permission.JOBS_READ, metadata=reads("recipient"), description="Whom it is for; empty if nobody.")
    async def recipient(self, root: strawberry.Parent[Document]) -> str | None:
        """The address."""
        return root.get("recipient")
