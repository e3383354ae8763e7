"""What a product is found by: short strings, in one array that leads each index of the collection.

    *                     every product
    c:<category>          it stands in the category, or in one below it
    p:<place>:<band>      its price is in this band; the place is * or a category, as above
    w:<word>              a word of its name or description, without its ending
    g:<gram>              three letters that follow each other in its name
    n:<name>              its whole name
    s:<slug>              its slug

A list is served by one range of an index for each term that leads to it, in the order it is sorted by: see
QUERY-ENGINE.md. A term leads to a product and says nothing final: filters are checked against the product as well.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]  # it ships no types
from odmantic import ObjectId

EVERYTHING = "*"
MOST_BANDS = 20
"""Bands a range of prices is looked up in: each is a range of the index of its own."""

_DIGITS = (3, 2, 1, 0)
"""A band of prices is what has the same length and begins with the same digits: so many of them."""

_WORD = re.compile(r"\w+")
_START, _END = "\x02", "\x03"
_GRAM = 3


def folded(text: str) -> str:
    """Text as it is compared: without case and accents."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def words(text: str) -> list[str]:
    """The words of a text without their endings, each once: "Lamps, lamp" is one."""
    return list(dict.fromkeys(_stem(word[:40]) for word in _WORD.findall(folded(text))))


@lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    return str(snowballstemmer.stemmer("english").stemWord(word))


def found_by(name: str, slug: str, description: str, price: int, place_ids: Sequence[ObjectId]) -> dict[str, Any]:
    """The fields of a product that follow from these: what lists compare, sort by and enter their indexes with.

    `price` is in the smallest unit of its currency; `place_ids` are the category and all above it.
    """
    searched = words(f"{name} {description}")
    return {
        "name_key": folded(name),
        "words": searched,
        "place_ids": list(place_ids),
        "terms": _terms(name, slug, searched, price, place_ids),
    }


def _terms(name: str, slug: str, searched: Iterable[str], price: int, place_ids: Sequence[ObjectId]) -> list[str]:
    places = [EVERYTHING, *(place(category_id) for category_id in place_ids)]
    found = [
        *places,
        *(word_term(word) for word in searched),
        *(f"g:{gram}" for gram in grams(f"{_START}{folded(name)}{_END}")),
        name_term(name),
        slug_term(slug),
        *(band_term(around, band) for around in places for band in _bands_of(price)),
    ]
    return list(dict.fromkeys(found))


def place(category_id: ObjectId) -> str:
    """Leads to what stands in the category or below it."""
    return f"c:{category_id}"


def word_term(word: str) -> str:
    """Leads to what has this word, without its ending, in its name or description."""
    return f"w:{word}"


def name_term(name: str) -> str:
    """Leads to what is named so, in any case and with any accents."""
    return f"n:{folded(name)}"


def slug_term(slug: str) -> str:
    """Leads to the one product with this slug."""
    return f"s:{slug}"


def containing(text: str) -> str | None:
    """Leads to what has the text in its name; None when the text is too short to lead anywhere."""
    return _rarest(folded(text))


def starting(text: str) -> str | None:
    """Leads to what has a name that starts with the text."""
    return _rarest(_START + folded(text))


def grams(text: str) -> Iterator[str]:
    """Every three letters in a row."""
    return (text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1))


def _rarest(text: str) -> str | None:
    """One of the text's grams: digits and rare letters are fewer than vowels, so they lead to less."""
    return min((f"g:{gram}" for gram in grams(text)), key=_commonness, default=None)


def _commonness(gram: str) -> int:
    return sum(_FREQUENT.find(letter) + 1 for letter in gram)


_FREQUENT = "zqxjkvbpygfwmucldrhsnioate "
"""The letters of English texts, the rarest first; what is no letter counts as rarer."""


def band_term(around: str, band: str) -> str:
    """Leads to what stands in this place at a price in this band."""
    return f"p:{around.removeprefix('c:')}:{band}"


def _bands_of(price: int) -> list[str]:
    return [_band(price, digits) for digits in _DIGITS]


def _band(price: int, digits: int) -> str:
    text = str(price)
    return f"{len(text)}:{text[:digits]}"


def bands(lowest: int, highest: int) -> list[str]:
    """The bands that hold every price of a range, the narrowest that are few enough."""
    for digits in _DIGITS:
        found = _bands_between(lowest, highest, digits)
        if len(found) <= MOST_BANDS:
            return found
    raise ValueError("There are fewer lengths of prices than bands.")


def _bands_between(lowest: int, highest: int, digits: int) -> list[str]:
    """The bands of this width, at most one more than are of use."""
    found: list[str] = []
    price = lowest
    while price <= highest and len(found) <= MOST_BANDS:
        found.append(_band(price, digits))
        width = 10 ** max(0, len(str(price)) - digits) if digits else 10 ** len(str(price))
        price = (price // width + 1) * width
    return found
