"""A valid document made harder: aliases, fragments, fields to be merged, directives, variables with defaults."""

from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    ConstValueNode,
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_composite_type,
    parse_type,
    value_from_ast_untyped,
)

ALIASED, DIRECTED, KEPT, SPREAD, TYPENAME = 0.3, 0.2, 0.7, 0.4, 0.2
VARIABLE, INSIDE, DEFAULTED = 0.5, 0.1, 0.4
"""How often: an argument is a variable, a field of an input is, and a variable has a default."""

_KEYS = ("a", "b", "id", "name")
"""Aliases that stand beside fields of their name, or are another's."""

_ALIKE = 0.1


class Twist(Visitor):
    """Visit a document with it, beside these types, and take what is `finished`."""

    def __init__(self, types: TypeInfo, dice: Random) -> None:
        super().__init__()
        self._types = types
        self._dice = dice
        self._fragments: list[DefinitionNode] = []
        self._definitions: list[VariableDefinitionNode] = []
        self._before = 0
        self.variables: dict[str, Any] = {}
        self.conditions: list[str] = []
        """The variables that directives ask for."""

        self.defaulted: list[str] = []
        """Those that have a default."""

    def finished(self, document: DocumentNode) -> DocumentNode:
        """With the fragments and the variables."""
        definitions = [self._with_variables(each) for each in document.definitions]
        return DocumentNode(definitions=(*definitions, *self._fragments))

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:  # noqa: ANN401  (as graphql-core calls it)
        """Perhaps another key, perhaps a condition."""
        return FieldNode(
            name=node.name,
            alias=self._alias() or node.alias,
            arguments=node.arguments,
            directives=self._conditions(),
            selection_set=node.selection_set,
        )

    def enter_argument(self, *_: Any) -> None:  # noqa: ANN401  (as graphql-core calls it)
        """Note how many variables there are."""
        self._before = len(self._definitions)

    def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:  # noqa: ANN401  (as graphql-core calls it)
        """Perhaps a variable, unless there is one inside."""
        kind = self._types.get_input_type()
        if kind is None or len(self._definitions) > self._before or not self._is(VARIABLE):
            return None
        return ArgumentNode(name=node.name, value=self._variable(str(kind), node.value))

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:  # noqa: ANN401  (as graphql-core calls it)
        """Perhaps a variable."""
        kind = self._types.get_input_type()
        if kind is None or len(self._definitions) > self._before or not self._is(INSIDE):
            return None
        return ObjectFieldNode(name=node.name, value=self._variable(str(kind), node.value))

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:  # noqa: ANN401  (as graphql-core calls it)
        """Perhaps `__typename`; perhaps some of it in a fragment, and some of that outside as well."""
        kind, selections = self._types.get_parent_type(), node.selections
        if kind is None or not is_composite_type(kind):
            return None
        if self._is(TYPENAME):
            selections = (*selections, FieldNode(name=NameNode(value="__typename"), alias=self._alias()))
        if self._is(SPREAD):
            cut = self._dice.randrange(len(selections))
            inside, again = self._divided(selections[cut:])
            selections = (*selections[:cut], self._spread(kind.name, inside), *again)
        return SelectionSetNode(selections=selections)

    def _divided(self, selections: tuple[SelectionNode, ...]) -> tuple[tuple[SelectionNode, ...], list[SelectionNode]]:
        """What stands in the fragment, and what stands behind it: halves of objects, that are to be merged."""
        inside: list[SelectionNode] = list(selections)
        again: list[SelectionNode] = []
        for index, each in enumerate(selections):
            if isinstance(each, FieldNode) and self._is(SPREAD):
                inside[index], other = self._halves(each)
                again.append(other)
        return tuple(inside), again

    def _halves(self, node: FieldNode) -> tuple[FieldNode, FieldNode]:
        if node.selection_set is None:
            return node, node
        selections = node.selection_set.selections
        cut = self._dice.randrange(len(selections))
        return _with(node, selections[: cut + 1]), _with(node, selections[cut:])

    def _with_variables(self, node: DefinitionNode) -> DefinitionNode:
        if not isinstance(node, OperationDefinitionNode):
            return node
        return OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=tuple(self._definitions),
            directives=(),
            selection_set=node.selection_set,
        )

    def _spread(self, kind: str, selections: tuple[SelectionNode, ...]) -> SelectionNode:
        condition, inside = NamedTypeNode(name=NameNode(value=kind)), SelectionSetNode(selections=selections)
        if self._is(0.5):
            return InlineFragmentNode(type_condition=None, directives=self._conditions(), selection_set=inside)
        name = NameNode(value=f"F{len(self._fragments)}")
        fragment = FragmentDefinitionNode(
            name=name, type_condition=condition, directives=(), variable_definitions=(), selection_set=inside
        )
        self._fragments.append(fragment)
        return FragmentSpreadNode(name=name, directives=self._conditions())

    def _conditions(self) -> tuple[DirectiveNode, ...]:
        if not self._is(DIRECTED):
            return ()
        is_kept, name = self._is(KEPT), self._dice.choice(("skip", "include"))
        value = BooleanValueNode(value=is_kept == (name == "include"))
        condition = self._condition(value) if self._is(VARIABLE) else value
        argument = ArgumentNode(name=NameNode(value="if"), value=condition)
        return (DirectiveNode(name=NameNode(value=name), arguments=(argument,)),)

    def _condition(self, value: BooleanValueNode) -> VariableNode:
        variable = self._variable("Boolean!", value)
        self.conditions.append(variable.name.value)
        return variable

    def _variable(self, kind: str, value: ValueNode) -> VariableNode:
        name, default = f"v{len(self._definitions)}", self._default(value)
        variable = VariableNode(name=NameNode(value=name))
        definition = VariableDefinitionNode(
            variable=variable, type=parse_type(kind), default_value=default, directives=()
        )
        self._definitions.append(definition)
        if default is not None:
            self.defaulted.append(name)
        self.variables[name] = value_from_ast_untyped(value)
        return variable

    def _default(self, value: Any) -> ConstValueNode | None:  # noqa: ANN401  (no variable is in it)
        return value if self._is(DEFAULTED) and not _is_null(value) else None

    def _alias(self) -> NameNode | None:
        if not self._is(ALIASED):
            return None
        alias = self._dice.choice(_KEYS) if self._is(_ALIKE) else f"a{self._dice.randrange(1_000_000)}"
        return NameNode(value=alias)

    def _is(self, probability: float) -> bool:
        return self._dice.random() < probability


def _is_null(value: ValueNode) -> bool:
    return value.kind == "null_value"


def _with(node: FieldNode, selections: tuple[SelectionNode, ...]) -> FieldNode:
    return FieldNode(
        name=node.name,
        alias=node.alias,
        arguments=node.arguments,
        directives=node.directives,
        selection_set=SelectionSetNode(selections=selections),
    )
