"""Documents by their ids, for resolvers: the fields that are selected, in batches.

@strawberry.field(graphql_type=CategoryType | None, metadata=PUBLIC | reads("category_id"), description="Its category.")
async def category(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> Document | None:
    return await load(info, Category, root["category_id"])
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import partial

from graphql import get_named_type
from odmantic import Model, ObjectId

from schema.engine import Document
from schema.errors import BadUserInput, NotFound
from schema.nodes import GraphQLInfo, IsVisible, id_of, shown
from schema.projection import projection
from schema.selection import fields

NOTHING: frozenset[str] = frozenset()


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


async def load_many(
    info: GraphQLInfo, model: type[Model], ids: Iterable[ObjectId], needed: frozenset[str] = NOTHING
) -> list[Document]:
    """The documents with the fields selected here and the needed ones, in the order of their ids."""
    wanted, places = fields(info) | needed, info.context.places(model)
    return await info.context.loaders.many_by_id(model, wanted, ids, places)


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
