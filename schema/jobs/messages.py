"""What a job says: one typed class for each kind. A job's row keeps the class's `kind` and its fields."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from schema.jobs.retry import RetryPolicy

RETRY = RetryPolicy()
"""How a job is tried again unless its message says otherwise."""


class JobKind(StrEnum):
    """What a job does."""

    SIGN_UP_EMAIL = "SIGN_UP_EMAIL"
    PASSWORD_RESET_EMAIL = "PASSWORD_RESET_EMAIL"  # noqa: S105  (no password)
    PASSWORD_CHANGED_EMAIL = "PASSWORD_CHANGED_EMAIL"  # noqa: S105  (no password)
    ORDER_CONFIRMATION_EMAIL = "ORDER_CONFIRMATION_EMAIL"
    ORDER_STATUS_EMAIL = "ORDER_STATUS_EMAIL"
    UPLOAD_CLEANUP = "UPLOAD_CLEANUP"
    REPORT_CLEANUP = "REPORT_CLEANUP"
    JOB_ARCHIVE = "JOB_ARCHIVE"
    SALES_REPORT = "SALES_REPORT"
    DAILY_SALES_REPORT = "DAILY_SALES_REPORT"
    REPORT_READY_EMAIL = "REPORT_READY_EMAIL"
    ANNOUNCEMENT_DELIVERY = "ANNOUNCEMENT_DELIVERY"
    ANNOUNCEMENT_EMAIL = "ANNOUNCEMENT_EMAIL"


class Message(BaseModel):
    """Base of what jobs do; who does it is found by the class. `retry` is how a kind is tried again."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[JobKind]
    retry: ClassVar[RetryPolicy] = RETRY
    bulk: ClassVar[bool] = False
    """Whether there are so many of them that all else goes first."""

    @property
    def recipient(self) -> str:
        """Whom it is for, as operators look for it; empty where it is for nobody in particular."""
        return ""


class Email(Message):
    """Base of the e-mails: `template` names the folder of templates that get the fields."""

    can_be_unsubscribed: ClassVar[bool] = False
    """Whether it is sent to many who need not want it: then it says how to be rid of it, by `unsubscribe_url`."""

    to: str

    @property
    @override
    def recipient(self) -> str:
        """The address."""
        return self.to

    @property
    def template(self) -> str:
        """The folder under `tasks/templates` this letter is rendered from."""
        return self.kind.value.lower()


class SignUpEmail(Email):
    """The letter a sign-up owes: one kind for both cases, so the job does not tell whether the address was known."""

    kind = JobKind.SIGN_UP_EMAIL

    name: str
    user_id: str
    already_registered: bool

    @property
    @override
    def template(self) -> str:
        """A welcome, or word to the owner that somebody used the address again."""
        return "already_registered" if self.already_registered else "welcome"


class PasswordResetEmail(Email):
    """The link to a new password, for whoever has an account with this address when the letter is written."""

    kind = JobKind.PASSWORD_RESET_EMAIL


class PasswordChangedEmail(Email):
    """Word that the password is another one now."""

    kind = JobKind.PASSWORD_CHANGED_EMAIL

    name: str


PositiveOrZero = Annotated[int, Field(ge=0, lt=2**63)]


class OrderedLine(BaseModel):
    """A line of an order; its sums of money are written as a person reads them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    quantity: Annotated[int, Field(ge=1, lt=2**31)]
    price: str
    total: str


class OrderConfirmationEmail(Email):
    """What was ordered, and what it costs."""

    kind = JobKind.ORDER_CONFIRMATION_EMAIL

    name: str
    number: str
    lines: tuple[OrderedLine, ...]
    total: str


class OrderStatusEmail(Email):
    """Word that an order got another status."""

    kind = JobKind.ORDER_STATUS_EMAIL

    name: str
    number: str
    status: Literal["PAID", "SHIPPED", "CANCELLED"]
    total: str

    @property
    @override
    def template(self) -> str:
        """A letter of its own for each status."""
        return f"order_{self.status.lower()}"


class ReportReadyEmail(Email):
    """Word that a report is there, with a link to its file that is signed when the letter is written.

    Without a `name` it goes to an address of the settings.
    """

    kind = JobKind.REPORT_READY_EMAIL

    name: str
    file_id: str
    first_day: str
    last_day: str
    lines: PositiveOrZero


class AnnouncementEmail(Email):
    """An announcement, for one user. What it says is read when the letter is written, so it is stored once for all."""

    kind = JobKind.ANNOUNCEMENT_EMAIL
    bulk = True
    can_be_unsubscribed = True

    name: str
    user_id: str
    announcement_id: str


class UploadCleanup(Message):
    """Discard files that somebody uploaded and nothing needed, and what the storage has and no file is about."""

    kind = JobKind.UPLOAD_CLEANUP


class ReportCleanup(Message):
    """Discard reports that were written long ago."""

    kind = JobKind.REPORT_CLEANUP

    days: Annotated[int, Field(ge=1, lt=2**31)]


class JobArchive(Message):
    """Move jobs into the archive that were over long ago."""

    kind = JobKind.JOB_ARCHIVE

    days: Annotated[int, Field(ge=1, lt=2**31)]


class SalesReport(Message):
    """Write what was sold from `start` until before `end` into a file, for the owner of the job."""

    kind = JobKind.SALES_REPORT

    start: datetime
    end: datetime


class DailySalesReport(SalesReport):
    """The same, which nobody asked for: for the addresses the settings name."""

    kind = JobKind.DAILY_SALES_REPORT

    to: tuple[str, ...]


class AnnouncementDelivery(Message):
    """Owe every user the letter of an announcement."""

    kind = JobKind.ANNOUNCEMENT_DELIVERY

    announcement_id: str


_ALL: tuple[type[Message], ...] = (
    SignUpEmail,
    PasswordResetEmail,
    PasswordChangedEmail,
    OrderConfirmationEmail,
    OrderStatusEmail,
    UploadCleanup,
    ReportCleanup,
    JobArchive,
    SalesReport,
    DailySalesReport,
    ReportReadyEmail,
    AnnouncementDelivery,
    AnnouncementEmail,
)
MESSAGES: Mapping[str, type[Message]] = {message.kind.value: message for message in _ALL}
