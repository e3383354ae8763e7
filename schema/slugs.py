"""Slugs: names in URLs, made of names for people, unique in their collection."""

import secrets

from slugify import slugify

MAX_LENGTH = 110
"""Characters of a slug that is made of a name; ten less than one may have, for what makes it unique."""


def slug_of(name: str) -> str:
    """The name in lower-case letters, digits and hyphens: "Étagère №1" is "etagere-no-1"."""
    return slugify(name, max_length=MAX_LENGTH) or secrets.token_hex(4)


def another(slug: str) -> str:
    """The same for a second thing of this name."""
    return f"{slug}-{secrets.token_hex(3)}"
