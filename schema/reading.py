"""Documents by their ids, for resolvers: the fields that are selected, in batches.

@strawberry.field(graphql_type=CategoryType | None, metadata=PUBLIC | reads("category_id"), description="Its category.")
async def category(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> Document | None:
    return await load(info, Category, root["category_id"])
"""

from collections.abc import Iterable

from odmantic import Model, ObjectId

from schema.engine import Document
from schema.nodes import GraphQLInfo
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
    return await info.context.loaders.by_id(model, fields(info, type_name) | needed).load(document_id)


async def load_many(
    info: GraphQLInfo, model: type[Model], ids: Iterable[ObjectId], needed: frozenset[str] = NOTHING
) -> list[Document]:
    """The documents with the fields selected here and the needed ones, in the order of their ids."""
    return await info.context.loaders.many_by_id(model, fields(info) | needed, ids)
