"""What a slice is called in Python, in GraphQL and in sentences: all of it follows from one word or two."""

import builtins
import keyword
import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_LONGEST = 24
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", ""))
"""How a plural ends, and its singular."""


class Refused(Exception):  # noqa: N818  # it is an answer: what is asked for cannot be, and the message says why
    """One sentence for whoever typed the command. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Names:
    """A slice is named in the plural, `reviews`, and what it holds in the singular, `review`."""

    slice: str
    noun: str

    @classmethod
    def of(cls, given: str, single: str = "") -> "Names":
        """Both names; Refused if one of them is none, or the singular cannot be told."""
        _require_name("SLICE", given)
        noun = single or _singular(given)
        _require_name("ONE", noun)
        if noun == given:
            raise Refused(f"SLICE and ONE are both {given}: many and one need different names in GraphQL.")
        return cls(given, noun)

    @property
    def class_name(self) -> str:
        """As in `class Review(Model)`."""
        return "".join(part.capitalize() for part in self.noun.split("_"))

    def placeholders(self) -> dict[str, str]:
        """What templates may name."""
        one, many = (name.replace("_", " ") for name in (self.noun, self.slice))
        article = "an" if one[0] in "aeio" else "a"
        return {
            "slice": self.slice,
            "noun": self.noun,
            "Class": self.class_name,
            "field": camel(self.noun),
            "list": camel(self.slice),
            "one": one,
            "many": many,
            "article": article,
            "Article": article.capitalize(),
        }


def camel(name: str) -> str:
    """As GraphQL names a field."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _require_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise Refused(
            f"{what}={name} is no name: small letters, words joined by _, at most {_LONGEST}, as in gift_cards."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name):
        raise Refused(f"{what}={name} is a word of Python.")


def _singular(name: str) -> str:
    for ending, instead in _ENDINGS:
        if name.endswith(ending) and not name.endswith("ss") and len(name) > len(ending):
            return name.removesuffix(ending) + instead
    raise Refused(f"Say what one of {name} is: make new SLICE={name} ONE=…")
