"""From a message to what the recipient reads: each template folder has subject.txt, body.txt and body.html."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from schema.jobs.messages import Email

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's words."""

    subject: str
    text: str
    html: str


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja2, strict: a variable the message lacks is an error, not an empty word."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(message: Email, facts: Mapping[str, str] = MappingProxyType({})) -> Rendered:
    """The subject and both bodies of a message, from its fields and what was found out for it."""
    fields = message.model_dump() | dict(facts)
    subject, text, html = (
        environment().get_template(f"{message.template}/{part}").render(fields)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Rendered(" ".join(subject.split()), text, html)
