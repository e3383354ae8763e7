"""From the hints of a schema to how long the answer to an operation may be kept.

All that may be answered counts, also what `@skip` and `@include` may leave out. Where a type is one of several, the
least of them counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from math import inf
from typing import Any, Self

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.access import Permission
from schema.caching import CacheControl
from schema.permissions import ACCESS

_DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


@dataclass(frozen=True, slots=True)
class Hint:
    """For so many seconds anybody may be given it, unless a document of these kinds changes."""

    seconds: float = inf
    kinds: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """Whether it may be kept at all."""
        return self.seconds > 0

    def beside(self, other: Self) -> Self:
        """Of both together."""
        return type(self)(min(self.seconds, other.seconds), self.kinds | other.kinds)


NEVER = Hint(0)
"""Of what may not be kept."""

_ANYTHING = Hint()


def hint_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Hint:
    """Of a valid operation."""
    if operation.operation is not OperationType.QUERY or schema.query_type is None:
        return NEVER
    hint = _Hints(schema, document).selections(operation.selection_set, schema.query_type)
    return NEVER if hint.seconds in (0, inf) else hint


def kinds_of(schema: GraphQLSchema) -> frozenset[str]:
    """All that the schema has hints about."""
    types = schema.type_map.values()
    fields = (field for kind in types if isinstance(kind, GraphQLObjectType) for field in kind.fields.values())
    return _together(_read(said) for each in (*types, *fields) if (said := _said(each))).kinds


class _Hints:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        definitions = document.definitions
        self._schema = schema
        self._fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        self._found: dict[str, Hint] = {}

    def selections(self, node: SelectionSetNode, parent: GraphQLCompositeType) -> Hint:
        return _together(self._selected(node, parent))

    def _selected(self, node: SelectionSetNode, parent: GraphQLCompositeType) -> Iterator[Hint]:
        for each in node.selections:
            if isinstance(each, FieldNode):
                yield self._field(each, parent)
            elif isinstance(each, InlineFragmentNode):
                yield self.selections(each.selection_set, self._type(each) or parent)
            elif isinstance(each, FragmentSpreadNode):
                yield self._spread(each.name.value, parent)

    def _spread(self, name: str, parent: GraphQLCompositeType) -> Hint:
        """Each fragment is looked at once: what its fields inherit is in what it is spread in."""
        if name not in self._found:
            fragment = self._fragments[name]
            self._found[name] = self.selections(fragment.selection_set, self._type(fragment) or parent)
        return self._found[name]

    def _type(self, node: InlineFragmentNode | FragmentDefinitionNode) -> GraphQLCompositeType | None:
        named = self._schema.get_type(node.type_condition.name.value) if node.type_condition else None
        return named if is_composite_type(named) else None

    def _field(self, node: FieldNode, parent: GraphQLCompositeType) -> Hint:
        if node.name.value == "__typename":
            return _ANYTHING
        hint = _together(self._own(field, parent) for field in self._fields(parent, node.name.value))
        answered = get_named_type(self._schema.get_field(parent, node.name.value).type)  # type: ignore[union-attr]  # it is valid
        if not hint.is_public or not node.selection_set or not is_composite_type(answered):
            return hint
        return hint.beside(self.selections(node.selection_set, answered))

    def _fields(self, parent: GraphQLCompositeType, name: str) -> Iterator[GraphQLField | None]:
        """The field, and where the type is an interface those that may stand in its place."""
        yield self._schema.get_field(parent, name)
        if is_abstract_type(parent):
            yield from (kind.fields[name] for kind in self._schema.get_possible_types(parent))

    def _own(self, field: GraphQLField | None, parent: GraphQLCompositeType) -> Hint:
        """What the field says, else the type of what it answers."""
        if field is None or _needs_permission(field):
            return NEVER
        hint = self._said_or_inherited(field)
        return NEVER if hint == _ANYTHING and parent is self._schema.query_type else hint

    def _said_or_inherited(self, field: GraphQLField) -> Hint:
        answered = get_named_type(field.type)
        if said := _said(field):
            return _read(said)
        if is_composite_type(answered):
            return _together(_of_type(kind) for kind in self._kinds(answered))
        return _ANYTHING

    def _kinds(self, kind: GraphQLCompositeType) -> Iterable[GraphQLNamedType]:
        return (kind, *self._schema.get_possible_types(kind)) if is_abstract_type(kind) else (kind,)


def _together(hints: Iterable[Hint]) -> Hint:
    return reduce(Hint.beside, hints, _ANYTHING)


def _of_type(kind: GraphQLNamedType) -> Hint:
    said = _said(kind)
    return _read(said) if said else NEVER


def _read(said: CacheControl) -> Hint:
    """What stands in something else is looked at with that: alone it says nothing."""
    return _ANYTHING if said.inherit_max_age else Hint(said.seconds, frozenset(filter(None, [said.kind])))


def _needs_permission(field: GraphQLField) -> bool:
    declared: Any = field.extensions.get(_DEFINITION)
    return declared is not None and isinstance(declared.metadata.get(ACCESS), Permission)


def _said(definition: GraphQLField | GraphQLNamedType) -> CacheControl | None:
    """The hint of a field or a type."""
    declared: Any = definition.extensions.get(_DEFINITION)
    directives: Iterable[object] = getattr(declared, "directives", None) or ()
    return next((each for each in directives if isinstance(each, CacheControl)), None)
