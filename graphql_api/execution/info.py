"""What a resolver is told of the field it resolves: all that graphql-core's own info has, made when asked for."""

import dataclasses
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    is_non_null_type,
)
from graphql.pyutils import Path
from strawberry.execution import optimized_is_awaitable

from graphql_api.execution.positions import Position, path_of
from graphql_api.execution.run import Run


@dataclass(frozen=True, slots=True, eq=False)
class SelectedField:
    """A field of one operation, with all the nodes that select it."""

    key: str
    nodes: list[FieldNode]
    field: GraphQLField
    parent_type: GraphQLObjectType
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    selections: dict[Hashable, frozenset[str]] = dataclasses.field(default_factory=dict)
    """What `schema.selection` found that is selected of its documents."""

    @property
    def leaf_type(self) -> GraphQLLeafType:
        """Of a field that answers a scalar or an enum."""
        return cast("GraphQLLeafType", get_nullable_type(self.field.type))

    @property
    def is_nullable(self) -> bool:
        """Whether it may be null."""
        return not is_non_null_type(self.field.type)


class ResolveInfo:
    """Of one field of one object."""

    __slots__ = ("_position", "_run", "_selected")

    abort_signal = None
    async_helpers = None
    is_awaitable = staticmethod(optimized_is_awaitable)

    def __init__(self, selected: SelectedField, run: Run, position: Position) -> None:
        self._selected = selected
        self._run = run
        self._position = position

    @property
    def field_name(self) -> str:
        """As in the schema."""
        return self._selected.nodes[0].name.value

    @property
    def field_nodes(self) -> list[FieldNode]:
        """All that select it here."""
        return self._selected.nodes

    @property
    def selections(self) -> dict[Hashable, frozenset[str]]:
        """For `schema.selection`, which finds the same for each request."""
        return self._selected.selections

    @property
    def return_type(self) -> GraphQLOutputType:
        """Of the field."""
        return self._selected.field.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        """Of the object."""
        return self._selected.parent_type

    @property
    def path(self) -> Path:
        """Where in the answer it stands."""
        path: Path | None = None
        for key in path_of(self._position):
            path = Path(path, key, None)
        if path is None:
            raise LookupError("Only the answer itself has no path.")
        return path

    @property
    def schema(self) -> GraphQLSchema:
        """That is executed."""
        return self._run.schema

    @property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """Of the document."""
        return self._selected.fragments

    @property
    def root_value(self) -> Any:  # noqa: ANN401  (the schema's own)
        """Of the operation."""
        return self._run.asked.root_value

    @property
    def operation(self) -> OperationDefinitionNode:
        """That is executed."""
        return self._selected.operation

    @property
    def variable_values(self) -> dict[str, Any]:
        """Coerced."""
        return self._run.variables.coerced

    @property
    def context(self) -> Any:  # noqa: ANN401  (the schema's own)
        """Of the request."""
        return self._run.context

    @property
    def operation_extensions(self) -> dict[str, Any] | None:
        """What the client sent beside the document."""
        return self._run.asked.operation_extensions
