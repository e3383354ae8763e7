"""Relay's connections: how GraphQL shows a page of a list. The sources are `schema.pages.Page`s.

@strawberry.field(graphql_type=Connection[UserType], extensions=[Paginated()], description="All accounts.")
async def users(self, info: GraphQLInfo, page: PageArguments) -> Page:
    return await service.find_page(info.context, page)
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types import Info
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from typing_extensions import override

from schema.caching import inherited
from schema.pages import DEFAULT_SIZE, MAX_SIZE, Page, PageArguments
from schema.permissions import PUBLIC
from schema.selection import SAME_DOCUMENT, fields, reads

NodeT = TypeVar("NodeT")


@strawberry.type(directives=[inherited()], description="Where a page stands in its list.")
class PageInfo:
    """Read from a page."""

    has_next_page: bool = strawberry.field(
        metadata=PUBLIC,
        description="Going forward: whether there is more. Going backward: true if `before` was given, without a look.",
    )
    has_previous_page: bool = strawberry.field(
        metadata=PUBLIC,
        description="Going backward: whether there is more. Going forward: true if `after` was given, without a look.",
    )
    start_cursor: str | None = strawberry.field(
        metadata=PUBLIC, description="For `before`; null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(metadata=PUBLIC, description="For `after`; null when the page is empty.")


@strawberry.type(directives=[inherited()], description="A thing in a list, and where it stands there.")
class Edge(Generic[NodeT]):
    """Read from a page's edge."""

    cursor: str = strawberry.field(
        metadata=PUBLIC | reads(), description="For `after` and `before`; opaque, and good for this list alone."
    )
    node: NodeT = strawberry.field(metadata=PUBLIC | SAME_DOCUMENT, description="The thing itself.")


_OF_NODES = PUBLIC | reads("_id") | SAME_DOCUMENT
"""A field that shows each document of the page, at least that it is there."""


async def _count(root: strawberry.Parent[Page]) -> int:
    return await root.count()


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    """Read from a page; named after its nodes, like UserConnection."""

    edges: list[Edge[NodeT]] = strawberry.field(
        metadata=_OF_NODES, description="The things on this page with their cursors, in order."
    )
    nodes: list[NodeT] = strawberry.field(metadata=_OF_NODES, description="The things on this page, in order.")
    page_info: PageInfo = strawberry.field(
        metadata=PUBLIC | reads("_id"), description="Where this page stands in the list."
    )
    total_count: int = strawberry.field(
        resolver=_count,
        metadata=PUBLIC | reads(),
        description="How many things the whole list has; counted only when asked for.",
    )


_SIZES = f"1 to {MAX_SIZE}; {DEFAULT_SIZE} when left out"
_ARGUMENTS: dict[str, tuple[Any, str]] = {
    "first": (int | None, f"How many things to go forward: {_SIZES}."),
    "after": (str | None, "The cursor to go forward from: a page's `endCursor`."),
    "last": (int | None, f"How many things to go backward: {_SIZES}. Not together with `first` or `after`."),
    "before": (str | None, "The cursor to go backward from: a page's `startCursor`; left out, the end of the list."),
}


class Paginated(FieldExtension):
    """Gives a field `first after last before`; its resolver takes them as one `page: PageArguments`.

    With it come the fields selected of the nodes: `pages.find` reads these alone, and with `totalCount` alone nothing.
    """

    @override
    def apply(self, field: StrawberryField) -> None:
        """Replace the resolver's `page`, however often a schema is made of the field."""
        own = [argument for argument in field.arguments if argument.python_name not in {"page", *_ARGUMENTS}]
        field.arguments = [*own, *(_argument(name) for name in _ARGUMENTS)]

    @override
    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: Info[Any, Any],
        **kwargs: Any,
    ) -> Any:
        """Call the resolver with the page's arguments; the context has the `cursors` and `selections`."""
        given = {name: kwargs.pop(name, None) for name in _ARGUMENTS}
        page = PageArguments(info.context.cursors, **given, fields=fields(info))
        return await next_(source, info, page=page, **kwargs)


def _argument(name: str) -> StrawberryArgument:
    annotation, description = _ARGUMENTS[name]
    return StrawberryArgument(name, None, StrawberryAnnotation(annotation), description=description)
