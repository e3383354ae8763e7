"""From a message to what the recipient reads: each template folder has subject.txt, body.txt and body.html."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from schema.jobs.messages import Email

TEMPLATES = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.txt", "body.html")


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
        auto_reload=False,  # templates are part of the program, and a look at their files for each letter costs
    )


@cache
def _templates(folder: str) -> tuple[Template, ...]:
    return tuple(environment().get_template(f"{folder}/{part}") for part in PARTS)


def render(message: Email, facts: Mapping[str, str] = MappingProxyType({})) -> Rendered:
    """The subject and both bodies of a message, from its fields and what was found out for it."""
    fields = dict(message) | dict(facts)
    subject, text, html = (template.render(fields) for template in _templates(message.template))
    return Rendered(" ".join(subject.split()), text, html)
