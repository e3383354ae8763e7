"""How a slice says what may be kept of the answers to anybody, and for how long: `@cacheControl` in the schema.

    @strawberry.type(name="Author", directives=[cached(Author, max_age=60)], description="...")

An answer may be kept if every field in it may be, for the least of their times. A field says so itself, or the type it
answers does; one of the root and one that answers objects may else not be kept, and a scalar as long as what it stands
in. What depends on who asks is never given a hint.
"""

from enum import Enum

import strawberry
from odmantic import Model
from strawberry.schema_directive import Location


@strawberry.enum(description="Who may be given an answer that was kept.")
class CacheControlScope(Enum):
    """As clients and caches know them."""

    PUBLIC = strawberry.enum_value("PUBLIC", description="Anybody.")
    PRIVATE = strawberry.enum_value("PRIVATE", description="Who asked for it.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE, Location.UNION],
    name="cacheControl",
    description="How long an answer may be kept that has this field, or fields of this type in it.",
)
class CacheControl:
    """A hint; `kind` is the collection whose changes end what was kept."""

    max_age: int | None = strawberry.field(name="maxAge", default=strawberry.UNSET, description="For so many seconds.")
    scope: CacheControlScope | None = strawberry.field(name="scope", default=strawberry.UNSET, description="For whom.")
    inherit_max_age: bool | None = strawberry.field(
        name="inheritMaxAge", default=strawberry.UNSET, description="As long as what it stands in."
    )
    kind: strawberry.Private[str] = ""

    @property
    def seconds(self) -> int:
        """For how long anybody may be given it."""
        return self.max_age or 0 if self.scope is CacheControlScope.PUBLIC else 0


def cached(model: type[Model], *, max_age: int) -> CacheControl:
    """What shows documents of this model, the same to everybody, and may be kept for so many seconds.

    What this program keeps ends with the next change of one of them, or of how many there are; what browsers and
    proxies keep does not.
    """
    return CacheControl(max_age=max_age, scope=CacheControlScope.PUBLIC, kind=model.__collection__)


def inherited() -> CacheControl:
    """What is part of something else, like an amount of money, and may be kept as long as that."""
    return CacheControl(inherit_max_age=True)
