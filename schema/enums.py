"""How GraphQL shows an enum of the core, which knows nothing of GraphQL."""

from enum import Enum

import strawberry
from strawberry.types.enum import has_enum_definition


def described(kind: type[Enum], description: str, **members: str) -> None:
    """Show this enum, and say what each of its members means.

    Raises:
        TypeError: a member is not described, or one is that is not there.
    """
    shown = strawberry.enum(kind, description=description)
    if not has_enum_definition(shown) or set(members) != set(kind.__members__):
        raise TypeError(f"{kind.__name__}: {', '.join(sorted(set(members) ^ set(kind.__members__)))}")
    for value in shown.__strawberry_definition__.values:
        value.description = members[value.name]
