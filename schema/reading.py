"""Documents by their ids: the fields that are selected, in batches.

A field that shows the document its own document names, or a list of them, is declared; others have resolvers that load.

    category = related(Category, by="category_id", graphql_type=CategoryType | None, description="Its category.")
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import strawberry
from graphql import get_named_type
from odmantic import Model, ObjectId

from schema.engine import Document
from schema.errors import BadUserInput, NotFound
from schema.nodes import GraphQLInfo, IsVisible, id_of, shown
from schema.permissions import PUBLIC
from schema.projection import projection
from schema.selection import fields, reads

NOTHING: frozenset[str] = frozenset()


RELATION = "relation"
"""The key of a field's metadata where its Relation is, for who resolves many rows in one go."""

Shown = Callable[[GraphQLInfo, Document | None], Document | None]
"""What is shown of a document that was found, or None."""


@dataclass(frozen=True, slots=True)
class Relation:
    """The documents of another model that a document names by ids of its own."""

    model: type[Model]
    by: str
    needed: frozenset[str]
    shown: Shown | None
    is_list: bool

    async def of(
        self, info: GraphQLInfo, sources: Sequence[Document], info_of: Callable[[int], GraphQLInfo]
    ) -> list[Any]:
        """What each of the sources shows, all loaded in one call; `info` is the first one's, `info_of` that of any."""
        wanted, places = fields(info) | self.needed, info.context.places(self.model)
        named: list[Any] = [source.get(self.by) for source in sources]
        ids = (each for many in named for each in many or ()) if self.is_list else (one for one in named if one)
        found = await info.context.loaders.by_id(self.model, wanted, places).load_all(ids)
        if self.is_list:
            return [[found[each] for each in many if each in found] for many in named]
        if self.shown is None:
            return [found.get(one) for one in named]
        return [self.shown(info_of(index), found.get(one)) for index, one in enumerate(named)]


def related(  # noqa: PLR0913  (strawberry.field's own, and what is related)
    model: type[Model],
    *,
    by: str,
    graphql_type: Any,  # noqa: ANN401  (as Strawberry's)
    description: str,
    needed: frozenset[str] = NOTHING,
    shown: Shown | None = None,
    is_list: bool = False,
    directives: Sequence[object] = (),
) -> Any:  # noqa: ANN401  (strawberry.field is typed so)
    """A field that shows the document whose id is in `by`, or those whose ids are, in one call for all rows.

    `shown` says who gets to see it, by what is `needed` of the document.
    """
    relation = Relation(model, by, needed, shown, is_list)

    async def resolver(root: strawberry.Parent[Document], info: GraphQLInfo) -> Any:  # noqa: ANN401  (as graphql_type)
        return (await relation.of(info, [root], lambda _: info))[0]

    metadata = PUBLIC | reads(by) | MappingProxyType({RELATION: relation})
    return strawberry.field(
        resolver=resolver,
        graphql_type=graphql_type,
        metadata=metadata,
        directives=directives,
        description=description,
    )


async def load(
    info: GraphQLInfo,
    model: type[Model],
    document_id: ObjectId | None,
    needed: frozenset[str] = NOTHING,
    type_name: str | None = None,
) -> Document | None:
    """The document with the fields selected here and the needed ones; None without an id, or where there is none.

    Where the field's type is an interface, `type_name` says which type the document is shown as.
    """
    if document_id is None:
        return None
    wanted, places = fields(info, type_name) | needed, info.context.places(model)
    return await info.context.loaders.by_id(model, wanted, places).load(document_id)


async def load_one(
    info: GraphQLInfo,
    model: type[Model],
    global_id: str | None,
    slug: str | None,
    needed: frozenset[str] = NOTHING,
) -> Document | None:
    """The document with this id, or with this slug: one of both, else BadUserInput. `needed` as in `load`."""
    if (global_id is None) == (slug is None):
        raise BadUserInput("Give either the id or the slug.")
    if global_id is not None:
        type_name = get_named_type(info._raw_info.return_type).name  # noqa: SLF001
        return await load(info, model, id_of(type_name, global_id), needed)
    wanted = projection(fields(info) | needed)
    for place in info.context.places(model):
        if document := await place.collection(model).find_one({"slug": slug}, wanted):
            return document
    return None


async def follow(
    info: GraphQLInfo, model: type[Model], document_id: ObjectId, needed: frozenset[str], is_visible: IsVisible
) -> AsyncGenerator[Document, None]:
    """The document as it is now, and again each time something selected of it changed. Close it: `contextlib.aclosing`.

    Raises:
        NotFound: it is not there, or not, or no longer, for this viewer.
    """
    collection = info.context.database.collection(model)
    read = partial(collection.find_one, {"_id": document_id}, projection(fields(info) | needed))
    async with aclosing(info.context.changes.follow(model, document_id, read)) as states:
        async for state in states:
            document = shown(info, state, is_visible)
            if document is None:
                raise NotFound("There is no such thing.")
            info.context.loaders.clear()
            yield document
