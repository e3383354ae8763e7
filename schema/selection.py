"""What a query selects becomes what MongoDB reads: the fields of documents that a selection needs, and no others.

A field of a type reads the document's key of its Python name; what is selected inside of an embedded object reads only
these parts of it. A field with a resolver says by its metadata what the resolver takes from the document:

    @strawberry.field(metadata=PUBLIC | reads("first_name", "last_name"), description="Both names.")

`@include` and `@skip` are not looked at: what may be shown is read.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionNode,
    get_named_type,
    is_abstract_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import Info
from strawberry.types.field import StrawberryField

_READS = "reads"
_IS_PARENTS = "is parent's"
_DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF

SAME_DOCUMENT: MappingProxyType[Any, Any] = MappingProxyType({_IS_PARENTS: True})
"""The mark of a field whose object is read from its parent's own document: what is selected inside counts as there."""


def reads(*keys: str) -> MappingProxyType[Any, Any]:
    """The mark of a field that takes these keys of the document, however it is called; with no keys, it takes none."""
    return MappingProxyType({_READS: keys})


def fields(info: Info[Any, Any], type_name: str | None = None) -> frozenset[str]:
    """The keys of its document that are selected below this field, whose type is the given one if it is abstract.

    It is remembered where the field is compiled, else in the context's `selections`: many rows share one selection.
    """
    raw = info._raw_info  # noqa: SLF001  (Strawberry's own `selected_fields` is exponential in repeated fragments)
    place = (type_name or raw.parent_type.name, *map(id, raw.field_nodes))
    known: dict[Any, frozenset[str]] = getattr(raw, "selections", info.context.selections)
    if place not in known:
        kind = raw.schema.type_map[type_name] if type_name else get_named_type(raw.return_type)
        known[place] = Selection(raw.schema, raw.fragments).keys(kind, raw.field_nodes)
    return known[place]


class Selection:
    """A walk over selections, once through each fragment for each type it is spread on."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._read: dict[tuple[str, str], set[str]] = {}

    def keys(self, kind: GraphQLNamedType, nodes: Iterable[FieldNode]) -> frozenset[str]:
        """The keys of a document of this type that these fields select."""
        return frozenset().union(*(self._inside(kind, node) for node in nodes))

    def _inside(
        self, kind: GraphQLNamedType, node: FieldNode | InlineFragmentNode | FragmentDefinitionNode
    ) -> set[str]:
        keys: set[str] = set()
        for selection in node.selection_set.selections if node.selection_set else ():
            keys.update(self._selected(kind, selection))
        return keys

    def _selected(self, kind: GraphQLNamedType, node: SelectionNode) -> Iterable[str]:
        if isinstance(node, FieldNode):
            return () if node.name.value == "__typename" else self._of_field(kind, node)
        if isinstance(node, FragmentSpreadNode):
            return self._of_fragment(kind, node.name.value)
        inline = cast("InlineFragmentNode", node)
        narrowed = self._narrowed(kind, inline.type_condition)
        return self._inside(narrowed, inline) if narrowed else ()

    def _of_field(self, kind: GraphQLNamedType, node: FieldNode) -> Iterable[str]:
        field = cast("GraphQLObjectType", kind).fields[node.name.value]
        definition: StrawberryField = field.extensions[_DEFINITION]
        own = definition.metadata.get(_READS)
        if _IS_PARENTS in definition.metadata:
            return {*(own or ()), *self._inside(get_named_type(field.type), node)}
        if own is None and node.selection_set and not definition.base_resolver:
            inner = self._inside(get_named_type(field.type), node)
            return [f"{definition.python_name}.{key}" for key in inner] or (definition.python_name,)
        return (definition.python_name,) if own is None else own

    def _of_fragment(self, kind: GraphQLNamedType, name: str) -> set[str]:
        place = (kind.name, name)
        if place not in self._read:
            fragment = self._fragments[name]
            narrowed = self._narrowed(kind, fragment.type_condition)
            self._read[place] = self._inside(narrowed, fragment) if narrowed else set()
        return self._read[place]

    def _narrowed(self, kind: GraphQLNamedType, condition: NamedTypeNode | None) -> GraphQLNamedType | None:
        """The type inside of a fragment, or None where no document of the type gets."""
        if condition is None or condition.name.value == kind.name:
            return kind
        other = self._schema.type_map[condition.name.value]
        if not isinstance(kind, GraphQLObjectType):
            return other
        return kind if is_abstract_type(other) and self._schema.is_sub_type(other, kind) else None
