"""The letters that are sent: one needs nothing but what it was owed with, one a token made when it is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from odmantic import ObjectId

from schema.jobs.messages import Email, OrderStatusEmail, SignUpEmail
from tasks.render import PARTS, environment


@dataclass(frozen=True)
class Case:
    """A kind of letter: its message for the n-th recipient, and the fields of its templates."""

    name: str
    message: Callable[[int], Email]
    fields: tuple[str, ...]


def _paid(number: int) -> Email:
    return OrderStatusEmail(to=_to(number), name=_name(number), number="7K3QX-0M9ZD", status="PAID", total="EUR 39.98")


def _welcome(number: int) -> Email:
    return SignUpEmail(to=_to(number), name=_name(number), user_id=str(ObjectId()), already_registered=False)


def _to(number: int) -> str:
    return f"user{number}@example.com"


def _name(number: int) -> str:
    return f"User {number}"


CASES = {
    "order": Case("order", _paid, ("to", "name", "number", "total")),
    "welcome": Case("welcome", _welcome, ("to", "name", "link", "token")),
}


def write_handlebars(case: Case, folder: Path) -> None:
    """The same words for Handlebars, a file for each part, with the layout already in it."""
    fields = {name: f"{{{{{name}}}}}" for name in case.fields}
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        text = environment().get_template(f"{case.message(0).template}/{part}").render(fields)
        (folder / part).write_text(text)
