"""Requests for a schema: made by hypothesis-graphql, then given aliases, fragments, directives and variables."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_composite_type,
    parse,
    parse_type,
    print_ast,
    validate,
    value_from_ast_untyped,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

ALIASED, DIRECTED, SPREAD, VARIABLE = 0.3, 0.2, 0.3, 0.5
"""How often."""


@dataclass
class Request:
    """What is executed."""

    text: str
    variables: dict[str, Any] = field(default_factory=dict)


def requests(schema: GraphQLSchema, **options: Any) -> st.SearchStrategy[Request]:  # noqa: ANN401  (hypothesis-graphql's)
    """Valid ones."""
    documents = from_schema(schema, allow_x00=False, codec="utf-8", **options)
    return st.builds(harder, st.just(schema), documents, st.randoms(use_true_random=False)).filter(
        lambda request: not validate(schema, parse(request.text))
    )


def harder(schema: GraphQLSchema, text: str, random: Random) -> Request:
    """The same operation with all that makes it hard to execute."""
    types = TypeInfo(schema)
    twist = _Twist(types, random)
    document: DocumentNode = visit(parse(text), TypeInfoVisitor(types, twist))
    return Request(print_ast(twist.finished(document)), twist.variables)


class _Twist(Visitor):
    def __init__(self, types: TypeInfo, random: Random) -> None:
        super().__init__()
        self._types = types
        self._random = random
        self._fragments: list[DefinitionNode] = []
        self._definitions: list[VariableDefinitionNode] = []
        self.variables: dict[str, Any] = {}

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:  # noqa: ANN401  (as graphql-core calls it)
        alias = NameNode(value=f"a{self._random.randrange(100_000)}") if self._is(ALIASED) else node.alias
        directives = (self._directive(),) if self._is(DIRECTED) else ()
        return FieldNode(
            name=node.name,
            alias=alias,
            arguments=node.arguments,
            directives=directives,
            selection_set=node.selection_set,
        )

    def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:  # noqa: ANN401  (as graphql-core calls it)
        kind = self._types.get_input_type()
        if kind is None or not self._is(VARIABLE):
            return None
        variable = self._variable(str(kind), value_from_ast_untyped(node.value))
        return ArgumentNode(name=node.name, value=variable)

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:  # noqa: ANN401  (as graphql-core calls it)
        kind = self._types.get_parent_type()
        if kind is None or not is_composite_type(kind) or not self._is(SPREAD):
            return None
        cut = self._random.randrange(len(node.selections))
        before, after = node.selections[:cut], node.selections[cut:]
        return SelectionSetNode(selections=(*before, self._spread(kind.name, after), *self._again(after)))

    def finished(self, document: DocumentNode) -> DocumentNode:
        """With the fragments and the variables."""
        definitions = [self._with_variables(each) for each in document.definitions]
        return DocumentNode(definitions=(*definitions, *self._fragments))

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
        directives = (self._directive(),) if self._is(DIRECTED) else ()
        if self._is(0.5):
            return InlineFragmentNode(type_condition=None, directives=directives, selection_set=inside)
        name = NameNode(value=f"F{len(self._fragments)}")
        fragment = FragmentDefinitionNode(
            name=name, type_condition=condition, directives=(), variable_definitions=(), selection_set=inside
        )
        self._fragments.append(fragment)
        return FragmentSpreadNode(name=name, directives=directives)

    def _again(self, selections: tuple[SelectionNode, ...]) -> tuple[SelectionNode, ...]:
        """Some of it is selected twice, to be merged."""
        return selections[:1] if self._is(SPREAD) else ()

    def _directive(self) -> DirectiveNode:
        value = self._is(0.5)
        name = self._random.choice(("skip", "include"))
        condition = self._variable("Boolean!", value) if self._is(VARIABLE) else BooleanValueNode(value=value)
        argument = ArgumentNode(name=NameNode(value="if"), value=condition)
        return DirectiveNode(name=NameNode(value=name), arguments=(argument,))

    def _variable(self, kind: str, value: Any) -> VariableNode:  # noqa: ANN401  (JSON is anything)
        name = f"v{len(self._definitions)}"
        variable = VariableNode(name=NameNode(value=name))
        self._definitions.append(
            VariableDefinitionNode(variable=variable, type=parse_type(kind), default_value=None, directives=())
        )
        self.variables[name] = value
        return variable

    def _is(self, probability: float) -> bool:
        return self._random.random() < probability


def is_mutation(request: Request) -> bool:
    """Whether it changes anything."""
    definitions = parse(request.text).definitions
    return any(
        isinstance(each, OperationDefinitionNode) and each.operation is OperationType.MUTATION for each in definitions
    )
