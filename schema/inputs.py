"""What may be typed into a field, said once: types for input models, and their faults as a user reads them."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from schema.errors import BadUserInput, Fault, InvalidInput, UserErrorCode
from settings.addresses import deliverable

MAX_EMAIL_LENGTH = 254
"""RFC 5321: the longest address a mail server must take."""


class Input(BaseModel):
    """Base of the input models: frozen, fields named as the client names them, values kept out of error texts."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, alias_generator=to_camel, populate_by_name=True)


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("There is no such time of UTC.") from None


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A time, as one of UTC; without a zone it is meant as one."""

InputT = TypeVar("InputT", bound=Input)


def validate(model: type[InputT], values: dict[str, Any]) -> InputT:
    """The input as its model, or InvalidInput that names every value at fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(
            [_fault(detail) for detail in error.errors(include_url=False, include_input=False)]
        ) from None


def validate_argument(name: str, model: type[InputT], values: dict[str, Any]) -> InputT:
    """The argument of a query as its model, or BadUserInput that names every value at fault."""
    try:
        return validate(model, values)
    except InvalidInput as error:
        faults = (f"{'.'.join((name, *fault.field))}: {fault.message}" for fault in error.faults)
        raise BadUserInput(" ".join(faults)) from None


def _fault(detail: Any) -> Fault:  # noqa: ANN401  (pydantic's ErrorDetails is not exported)
    field, context = tuple(_named(str(part)) for part in detail["loc"]), detail.get("ctx", {})
    kind = f"{detail['type']}, a list" if context.get("field_type") == "List" else detail["type"]
    if kind not in _FAULTS:
        return Fault(field, detail["msg"].removeprefix("Value error, "), UserErrorCode.INVALID)
    code, message = _FAULTS[kind]
    return Fault(field, message.format_map(context), code)


def _named(part: str) -> str:
    """As the client names it, whichever of its names it was given by."""
    return to_camel(part) if "_" in part else part


_SHORT = (UserErrorCode.TOO_SHORT, "It must have at least {min_length} characters.")
_LONG = (UserErrorCode.TOO_LONG, "It must have at most {max_length} characters.")
_FAULTS = {
    "missing": (UserErrorCode.REQUIRED, "It is required."),
    "string_pattern_mismatch": (UserErrorCode.INVALID, "It is not of the form it must have: {pattern}"),
    "string_too_short": _SHORT,
    "too_short": _SHORT,
    "string_too_long": _LONG,
    "too_long": _LONG,
    "greater_than_equal": (UserErrorCode.INVALID, "It must be at least {ge}."),
    "less_than_equal": (UserErrorCode.INVALID, "It must be at most {le}."),
    "decimal_max_digits": (UserErrorCode.INVALID, "It must have at most {max_digits} digits."),
    "decimal_max_places": (UserErrorCode.INVALID, "It must have at most {decimal_places} decimals."),
    "too_short, a list": (UserErrorCode.TOO_SHORT, "There must be at least {min_length}."),
    "too_long, a list": (UserErrorCode.TOO_LONG, "There must be at most {max_length}."),
}
"""By pydantic's type of error: what the user reads."""


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides, isolates: they let a name rearrange what stands around it. Marks do not: they are allowed."""

_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols to Unicode, and nothing to see: fillers of Hangul, Braille without a dot."""


def _is_printable(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("It must not contain control characters or line breaks.")
    return text


def _shows_as_it_is(text: str) -> str:
    if not _DIRECTIONS.isdisjoint(text):
        raise ValueError("It must not contain characters that change the direction of the text.")
    if all(unicodedata.category(character) in {"Cf", "Mn", "Zs"} or character in _BLANKS for character in text):
        raise ValueError("It must contain something that can be seen.")
    return text


def _is_text(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in text):
        raise ValueError("It must not contain control characters.")
    return text


def _can_be_hashed(password: SecretStr) -> SecretStr:
    if "\0" in password.get_secret_value():
        raise ValueError("It must not contain NUL.")
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("It must be Unicode text.") from None
    return password


Printable = Annotated[str, AfterValidator(_is_printable)]
"""Text without control characters or line breaks."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_is_printable),
    AfterValidator(_shows_as_it_is),
]
"""One line of text that a person reads, 1 to 100 characters: some can be seen, none rearranges what is around it."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), AfterValidator(_is_text)]
"""Paragraphs that a person reads, up to 10,000 characters."""

Body = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(_is_text)
]
"""The same, and it says something: 1 to 10,000 characters."""

Slug = Annotated[str, StringConstraints(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
"""A name in a URL: lower-case letters and digits, in parts joined by hyphens."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_is_printable)]
"""A program's own name for something, 1 to 200 characters."""

LongKey = Annotated[str, StringConstraints(min_length=16, max_length=200), AfterValidator(_is_printable)]
"""A program's own name for something that no other program names so: 16 to 200 characters."""

EmailAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_EMAIL_LENGTH),
    AfterValidator(deliverable),
]
"""An e-mail address in the form mail servers take: an international domain becomes its ASCII form."""

Prefix = Annotated[str, StringConstraints(max_length=MAX_EMAIL_LENGTH), AfterValidator(_is_printable)]
"""The beginning of an address to look for."""

Secret = Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(_can_be_hashed)]
"""A password or a token to compare: never shown, never longer than it takes."""

Password = Annotated[SecretStr, Field(min_length=8, max_length=128), AfterValidator(_can_be_hashed)]
"""A new password: 8 to 128 characters of any kind, checked before it is hashed."""
