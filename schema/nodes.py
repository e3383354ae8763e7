"""Relay's `Node`: every thing with an id, refetchable by it. Ids are opaque: the type's name and the document's id."""

import base64
import binascii
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import strawberry
from bson.errors import InvalidId
from odmantic import ObjectId
from strawberry.types import Info

from schema.access import Viewer, deny
from schema.context import Context
from schema.engine import Document
from schema.errors import BadUserInput
from schema.permissions import PUBLIC
from schema.selection import reads

GraphQLInfo = Info[Context, None]


COMPUTED = "computed"
"""The key of a field's metadata where is what makes it, given the type's name, of a document and nothing else."""


def computed(made: Callable[[str], Callable[[Document], Any]]) -> MappingProxyType[Any, Any]:
    """The mark of a field whose value is made so, given the type's name, of a document and of nothing else.

    It says the same as the field's resolver, which is not called for it.
    """
    return MappingProxyType({COMPUTED: made})


def to_global_id(type_name: str, document_id: ObjectId) -> strawberry.ID:
    """The id clients see."""
    return _encoded(f"{type_name}:".encode(), document_id)


def _encoded(prefix: bytes, document_id: ObjectId) -> strawberry.ID:
    """What is encoded has letters, digits, `_` and `:`, of which base64 makes nothing that URLs cannot have."""
    encoded = binascii.b2a_base64(prefix + binascii.hexlify(document_id.binary), newline=False)
    return strawberry.ID(encoded.rstrip(b"=").decode())


def _global_ids(type_name: str) -> Callable[[Document], strawberry.ID]:
    prefix = f"{type_name}:".encode()
    return lambda document: _encoded(prefix, document["_id"])


def from_global_id(global_id: str) -> tuple[str, ObjectId]:
    """The type's name and the document's id of a global id; BadUserInput if it is none of ours."""
    try:
        decoded = base64.b64decode(global_id + "=" * (-len(global_id) % 4), altchars=b"-_", validate=True).decode()
        type_name, document_id = decoded.split(":")
        return type_name, ObjectId(document_id)
    except (binascii.Error, ValueError, InvalidId):
        raise BadUserInput("This is not an id.") from None


def id_of(type_name: str, global_id: str) -> ObjectId:
    """The document's id of a global id of this type; BadUserInput if it is another's, or none."""
    article = "an" if type_name[0] in "AEIO" else "a"  # a User
    refusal = BadUserInput(f"This is not the id of {article} {type_name}.")
    try:
        name, document_id = from_global_id(global_id)
    except BadUserInput:
        raise refusal from None
    if name != type_name:
        raise refusal
    return document_id


IsVisible = Callable[[Document, Viewer | None], bool]
"""A slice's rule: may this viewer see this document?"""


def shown(info: GraphQLInfo, document: Document | None, is_visible: IsVisible) -> Document | None:
    """The document for who may see it; anybody else gets the null of a document that is not there, and is logged."""
    if document is None or is_visible(document, info.context.viewer):
        return document
    deny(info.context.viewer, info.path.as_list())
    return None


@strawberry.interface(description="A thing that `node(id:)` can fetch again.")
class Node:
    """The interface; types that implement it are read from documents."""

    @strawberry.field(
        metadata=PUBLIC | reads("_id") | computed(_global_ids),
        description="Opaque, stable and unique over all types.",
    )
    def id(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> strawberry.ID:
        """The global id of the document."""
        return to_global_id(info._raw_info.parent_type.name, root["_id"])  # noqa: SLF001

    @classmethod
    def is_type_of(cls, _: Any, __: Any) -> bool:  # noqa: ANN401
        """Documents carry no class: whoever returns a Node says its type by `__typename`."""
        return True
