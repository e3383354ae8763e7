"""How a field of the schema says who may use it: every field carries a mark, and a test walks the schema for them.

A field is either public, `metadata=PUBLIC` (whoever holds the object may read it), or made by `permitted(...)`,
which enforces the permission and writes it into the field's description.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types import Info
from strawberry.types.field import StrawberryField
from typing_extensions import override

from schema.access import Permission, require

ACCESS = "access"
"""The key of a field's mark in its metadata."""

PUBLIC: MappingProxyType[Any, Any] = MappingProxyType({ACCESS: "public"})
"""The mark of a field that whoever holds its object may read, or anybody may call."""


def permitted(permission: Permission, *, description: str, more: Sequence[FieldExtension] = (), **options: Any) -> Any:  # noqa: ANN401  (strawberry.field is typed so)
    """A field that only who holds the permission may use, as its description says."""
    extensions = [*more, Requires(permission)]  # the last one comes first: the others run for who may
    return strawberry.field(description=description, extensions=extensions, **options)


class Requires(FieldExtension):
    """Enforces a permission before the resolver runs."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    @override
    def apply(self, field: StrawberryField) -> None:
        """Mark the field, and say so in the schema; once, however often a schema is made of it."""
        if ACCESS in field.metadata:
            return
        field.metadata = MappingProxyType({**field.metadata, ACCESS: self._permission})
        field.description = f"{field.description} {_IN_WORDS[self._permission]}"

    @override
    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: Info[Any, Any],
        **kwargs: Any,
    ) -> Any:
        """Run the resolver for who holds the permission."""
        require(info.context.viewer, self._permission, info.path.as_list())
        return await next_(source, info, **kwargs)


_IN_WORDS: Mapping[Permission, str] = {
    permission: f"Needs the permission `{permission.value}`." for permission in Permission
} | {Permission.SIGNED_IN: "Needs a signed-in user."}
