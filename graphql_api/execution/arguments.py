"""The arguments of a field: once for all requests where no variable is in them, else once for each request."""

from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues, get_argument_values

from graphql_api.execution.run import Run

_NO_VARIABLES = VariableValues({}, {})


class Arguments:
    """Of one field of a document."""

    def __init__(self, field: GraphQLField, node: FieldNode) -> None:
        self._field = field
        self._node = node
        self._constant = None if _has_variables(node) else self._coerced_once()

    def of(self, run: Run) -> dict[str, Any]:
        """As the resolver takes them.

        Raises:
            GraphQLError: they are not what the schema asks for, which validation does not see of variables.
        """
        if self._constant is not None:
            return self._constant
        if self not in run.arguments:
            run.arguments[self] = get_argument_values(
                self._field, self._node, run.variables, None, run.asked.hides_suggestions
            )
        return run.arguments[self]

    def _coerced_once(self) -> dict[str, Any] | None:
        """None if they cannot be: each request is told so anew."""
        try:
            return get_argument_values(self._field, self._node, _NO_VARIABLES)
        except GraphQLError:
            return None


class _Finder(Visitor):
    found = False

    def enter_variable(self, _: VariableNode, *__: Any) -> None:  # noqa: ANN401  (as graphql-core calls it)
        self.found = True


def _has_variables(node: FieldNode) -> bool:
    finder = _Finder()
    for argument in node.arguments or ():
        visit(argument, finder)
    return finder.found
