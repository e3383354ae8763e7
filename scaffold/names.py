"""What a slice is called in Python, in GraphQL and in sentences: all of it follows from one word or two."""

import builtins
import keyword
import re
from dataclasses import dataclass

import inflect

_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
_LONGEST = 24
_ENGLISH = inflect.engine()


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
        return _class_name(self.noun)

    @property
    def one(self) -> str:
        """In a sentence: `a gift card`."""
        return _ENGLISH.a(_words(self.noun))

    def placeholders(self) -> dict[str, str]:
        """What templates may name."""
        article, _, one = self.one.partition(" ")
        return {
            "slice": self.slice,
            "noun": self.noun,
            "Class": self.class_name,
            "field": camel(self.noun),
            "list": camel(self.slice),
            "one": one,
            "many": _words(self.slice),
            "article": article,
            "Article": article.capitalize(),
        }


def camel(name: str) -> str:
    """As GraphQL names a field."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _require_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise Refused(
            f"{what}={name} is no name: small letters, words joined by _, at most {_LONGEST}, as in gift_cards."
        )
    if _is_pythons(name) or _is_pythons(_class_name(name)):
        raise Refused(f"{what}={name} is a word of Python.")


def _is_pythons(name: str) -> bool:
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)


def _singular(name: str) -> str:
    single = _ENGLISH.singular_noun(_words(name))
    if not single or single == _words(name):
        raise Refused(f"Say what one of {name} is: make new SLICE={name} ONE=…")
    return single.replace(" ", "_")
