"""From a validated operation to what fills in its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from graphql_api.execution import plain
from graphql_api.execution.fields import (
    AsyncResolved,
    Bound,
    RelatedRows,
    Resolved,
    computed_leaf,
    constant,
    read_leaf,
    read_value,
)
from graphql_api.execution.info import ResolveInfo, SelectedField
from graphql_api.execution.leaves import Leaf, leaf
from graphql_api.execution.positions import Position
from graphql_api.execution.run import Run
from graphql_api.execution.values import (
    CheckedObject,
    Complete,
    Field,
    Fill,
    ManyValues,
    OneObject,
    OneOfSeveral,
    Value,
    nullable,
    required,
)
from schema.nodes import COMPUTED, GraphQLInfo, Node
from schema.reading import RELATION

_DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
_ANY_NODE = Node.is_type_of.__func__  # type: ignore[attr-defined]  # a method of the class


class RootField(NamedTuple):
    """One of the operation, by its key in the answer and its name in the schema."""

    key: str
    name: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class Compiler:
    """Of one operation, for given values of the variables that `@skip` and `@include` ask for."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    details: dict[str, FragmentDetails]
    """The fragments, as graphql-core collects fields from them."""

    conditions: VariableValues
    few: int

    def root(self, kind: GraphQLObjectType) -> list[RootField]:
        """The root fields, in their order."""
        found = collect_fields(self.schema, self.details, self.conditions, kind, self.operation)
        grouped = found.grouped_field_set
        fields = ((details[0].node.name.value, self._field(kind, key, details)) for key, details in grouped.items())
        return [RootField(field.key, name, field.fill) for name, field in fields if field]

    def _fields(self, kind: GraphQLObjectType, grouped: GroupedFieldSet) -> list[Field]:
        fields = (self._field(kind, key, details) for key, details in grouped.items())
        return [field for field in fields if field]

    def _field(self, kind: GraphQLObjectType, key: str, details: FieldDetailsList) -> Field | None:
        """None if the type has no such field, which is validated."""
        nodes = [each.node for each in details]
        name = nodes[0].name.value
        if name == "__typename":
            return constant(key, kind.name)
        field = self.schema.get_field(kind, name)
        if field is None:
            return None
        selected = SelectedField(key, nodes, field, kind, self.operation, self.fragments)
        definition: StrawberryField | None = field.extensions.get(_DEFINITION)
        if definition and definition.is_basic_field:
            return self._read(selected, details, definition)
        if definition and COMPUTED in definition.metadata:
            return computed_leaf(selected, definition.metadata[COMPUTED](kind.name), _leaf(selected))
        value = self._value(field.type, selected, details)
        return Field(key, _resolved(selected, value, definition).fill)

    def _read(self, selected: SelectedField, details: FieldDetailsList, definition: StrawberryField) -> Field:
        kind, name = get_nullable_type(selected.field.type), definition.python_name
        read = partial(_read, definition)
        if is_leaf_type(kind):
            return read_leaf(selected, name, read, _leaf(selected))
        return read_value(selected, name, read, self._value(selected.field.type, selected, details))

    def _value(self, kind: GraphQLOutputType, selected: SelectedField, details: FieldDetailsList) -> Value:
        if is_non_null_type(kind):
            present = self._present(kind.of_type, selected, details)
            return Value(required(present.complete, _missing(selected)), present.plain)
        present = self._present(kind, selected, details)
        return Value(nullable(present.complete), present.plain)

    def _present(self, kind: Any, selected: SelectedField, details: FieldDetailsList) -> Value:  # noqa: ANN401  (any nullable type)
        """A value that is there."""
        if is_list_type(kind):
            item = self._value(kind.of_type, selected, details)
            values = ManyValues(item, selected, self.few, has_nulls=not is_non_null_type(kind.of_type))
            return Value(values, values.plain if item.plain else None)
        if is_leaf_type(kind):
            complete = leaf(kind, _missing(selected))
            return Value(lambda value, _, __: complete(value), partial(plain.leaf, kind))
        if is_abstract_type(kind):
            return Value(OneOfSeveral(kind, partial(self._complete, selected, details), selected, details))
        return self._object(selected, details, kind)

    def _complete(self, selected: SelectedField, details: FieldDetailsList, kind: GraphQLObjectType) -> Complete:
        return self._object(selected, details, kind).complete

    def _object(self, selected: SelectedField, details: FieldDetailsList, kind: GraphQLObjectType) -> Value:
        found = collect_subfields(self.schema, self.details, self.conditions, self.operation, kind, details)
        value = OneObject(self._fields(kind, found.grouped_field_set), self.few)
        if _checks(kind):
            return Value(CheckedObject(kind, value, selected, details))
        return Value(value, value.plain if value.is_plain else None)


def _resolved(selected: SelectedField, value: Value, definition: StrawberryField | None) -> Resolved:
    complete = value.complete
    if definition is None:
        return Resolved(selected, complete)
    info_of, resolver = partial(_info, selected, definition), definition.base_resolver
    if relation := definition.metadata.get(RELATION):
        return RelatedRows(selected, value, info_of, relation)
    if definition.is_async:
        return AsyncResolved(selected, complete)
    if resolver and not definition.extensions and not definition.arguments:
        return Bound(selected, complete, info_of, resolver)
    return Resolved(selected, complete)


def _info(selected: SelectedField, definition: StrawberryField, run: Run, position: Position) -> GraphQLInfo:
    return Info(_raw_info=ResolveInfo(selected, run, position), _field=definition)  # type: ignore[arg-type]  # it has all that graphql-core's has


def _leaf(selected: SelectedField) -> Leaf:
    return leaf(selected.leaf_type, None if selected.is_nullable else _missing(selected))


def _checks(kind: GraphQLObjectType) -> bool:
    """Whether the type says of what it is: of our nodes each would say yes."""
    return kind.is_type_of is not None and getattr(kind.is_type_of, "__func__", None) is not _ANY_NODE


def _read(definition: StrawberryField, source: Any) -> Any:  # noqa: ANN401  (any source)
    return definition.default_resolver(source, definition.python_name)


def _missing(selected: SelectedField) -> str:
    return f"Cannot return null for non-nullable field {selected.parent_type}.{selected.nodes[0].name.value}."
