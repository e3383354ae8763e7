"""What MongoDB is asked to read of a document."""

from collections.abc import Iterable

from schema.engine import Document


def projection(keys: Iterable[str]) -> Document:
    """These keys and `_id`. MongoDB refuses a key together with one inside of it, so the outer one stands for both."""
    asked = {"_id", *keys}
    return {key: 1 for key in asked if "." not in key or not _is_within(key, asked)}


def _is_within(key: str, keys: set[str]) -> bool:
    return any(key[:place] in keys for place, character in enumerate(key) if character == ".")
