"""What a job says: one typed class for each e-mail. A job's row keeps the class's `kind` and its fields."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from schema.jobs.retry import RetryPolicy

RETRY = RetryPolicy()
"""How letters are tried again."""


class JobKind(StrEnum):
    """What a job does."""

    SIGN_UP_EMAIL = "SIGN_UP_EMAIL"
    PASSWORD_RESET_EMAIL = "PASSWORD_RESET_EMAIL"  # noqa: S105  (no password)
    PASSWORD_CHANGED_EMAIL = "PASSWORD_CHANGED_EMAIL"  # noqa: S105  (no password)
    ORDER_CONFIRMATION_EMAIL = "ORDER_CONFIRMATION_EMAIL"
    ORDER_STATUS_EMAIL = "ORDER_STATUS_EMAIL"


class Email(BaseModel):
    """Base of the e-mails: `template` names the folder of templates that get the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[JobKind]

    to: str

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


PositiveInt32 = Annotated[int, Field(ge=1, lt=2**31)]


class OrderedLine(BaseModel):
    """A line of an order; its sums of money are written as a person reads them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    quantity: PositiveInt32
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


_ALL: tuple[type[Email], ...] = (
    SignUpEmail,
    PasswordResetEmail,
    PasswordChangedEmail,
    OrderConfirmationEmail,
    OrderStatusEmail,
)
MESSAGES: Mapping[JobKind, type[Email]] = {message.kind: message for message in _ALL}


def parse(kind: str, payload: dict[str, Any]) -> Email:
    """The message of a row. ValueError: an unknown kind, or a payload this version cannot read."""
    return MESSAGES[JobKind(kind)].model_validate(payload)
