"""From a valid operation and its schema to what it costs."""

from collections.abc import Iterable

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from graphql_api.documents.cost import COUNT, FREE, LIST, MUTATION, ONE, PAGE, Field, Said, Selection, Size

_SIZES = frozenset({"first", "last", "ids"})
"""Arguments that say how many items there are at most."""

_ITEMS = {"nodes": 1, "edges": 0}
"""The lists of a connection, as long as its own arguments say, and what each item costs: an edge is none of its own."""


def price(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Selection:
    """What the operation costs."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return FREE
    selection = _Pricing(schema, document, operation).selection(operation.selection_set, root, Size(PAGE))
    return _as_mutations(selection) if operation.operation is OperationType.MUTATION else selection


def _as_mutations(selection: Selection) -> Selection:
    fields = [Field(each.key, each.own + MUTATION, each.size, each.selected) for each in selection.fields]
    return Selection(fields, [_as_mutations(fragment) for fragment in selection.fragments])


class _Pricing:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        definitions = document.definitions
        self._schema = schema
        self._fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
        self._priced: dict[tuple[str, Size], Selection] = {}

    def selection(self, node: SelectionSetNode, parent: GraphQLCompositeType, items: Size) -> Selection:
        """What is selected of this type; if it is a connection, it has so many `items`."""
        fields = [self._field(each, parent, items) for each in node.selections if isinstance(each, FieldNode)]
        costly = [field for field in fields if field]
        fragments = [each for each in self._fragments_of(node.selections, parent, items) if each is not FREE]
        return Selection(costly, fragments) if costly or fragments else FREE

    def _fragments_of(
        self, selections: Iterable[SelectionNode], parent: GraphQLCompositeType, items: Size
    ) -> Iterable[Selection]:
        for each in selections:
            if isinstance(each, InlineFragmentNode):
                yield self.selection(each.selection_set, self._type(each) or parent, items)
            elif isinstance(each, FragmentSpreadNode):
                yield self._spread(each.name.value, parent, items)

    def _spread(self, name: str, parent: GraphQLCompositeType, items: Size) -> Selection:
        """The same object wherever it is spread."""
        if (name, items) not in self._priced:
            node = self._fragments[name]
            self._priced[name, items] = self.selection(node.selection_set, self._type(node) or parent, items)
        return self._priced[name, items]

    def _type(self, node: InlineFragmentNode | FragmentDefinitionNode) -> GraphQLCompositeType | None:
        named = self._schema.get_type(node.type_condition.name.value) if node.type_condition else None
        return named if is_composite_type(named) else None

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, items: Size) -> Field | None:
        """None if it costs nothing: scalars, and what the schema says of itself."""
        key, name = (node.alias or node.name).value, node.name.value
        field = None if name.startswith("__") else self._schema.get_field(parent, name)
        if field is None:
            return None
        if name == "totalCount":
            return Field(key, COUNT, ONE, FREE)
        answered = get_named_type(field.type)
        if not is_composite_type(answered) or not node.selection_set:
            return None
        below = self.selection(node.selection_set, answered, self._said(node, PAGE))
        if _is_connection(parent) and name in _ITEMS:
            return Field(key, _ITEMS[name], items, below)
        return Field(key, 1, self._said(node, LIST) if _is_list(field) else ONE, below)

    def _said(self, node: FieldNode, default: int) -> Size:
        """How many the arguments ask for."""
        sizes = (self._size(each.value) for each in node.arguments or () if each.name.value in _SIZES)
        return Size(default, tuple(size for size in sizes if size is not None))

    def _size(self, value: ValueNode) -> int | Said | None:
        if isinstance(value, VariableNode):
            return Said(value.name.value, _literal(self._defaults.get(value.name.value)))
        return _literal(value)


def _literal(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return max(int(value.value), 0)
    return len(value.values) if isinstance(value, ListValueNode) else None


def _is_connection(kind: GraphQLCompositeType) -> bool:
    return kind.name.endswith("Connection")


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(get_nullable_type(field.type))
