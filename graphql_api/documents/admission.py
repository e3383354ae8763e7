"""Whether what a request asks for may be executed, and what is charged for it."""

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema

from graphql_api.documents.bill import Bill, reading
from graphql_api.documents.cache import Documents, Operation
from graphql_api.documents.cost import requested
from graphql_api.documents.limits import refusals_of_values, too_complex
from graphql_api.documents.rules import forbidden
from graphql_api.execution.run import Asked
from schema.access import Permission, Viewer
from schema.context import Context


class Admission:
    """Of one request."""

    def __init__(self, documents: Documents, context: Context) -> None:
        self._documents = documents
        self._context = context
        self._bill = Bill(context.purse)

    @property
    def may_read_schema(self) -> bool:
        """Whether this client may ask what the schema is."""
        viewer: Viewer | None = self._context.viewer
        return self._documents.is_schema_open or bool(viewer and viewer.may(Permission.SCHEMA_READ))

    def to_read(self, text: str) -> GraphQLError | None:
        """Charge for looking at the document; an error if they may not even have that."""
        return self._bill.charge(reading(text, is_known=self._documents.known(text) is not None))

    def errors(self, operation: Operation, variables: Mapping[str, Any]) -> list[GraphQLError]:
        """Note what is asked for, and charge what it may cost at most; errors if it may not be executed."""
        if operation.introspects and not self.may_read_schema:
            return [forbidden()]
        asked = self._context.asked
        asked.operation, asked.fields = operation.kind, dict(operation.fields)
        if asked.when_valid:
            asked.when_valid()
        return self._errors_of_cost(operation, variables)

    def _errors_of_cost(self, operation: Operation, variables: Mapping[str, Any]) -> list[GraphQLError]:
        limits = self._documents.limits
        if errors := refusals_of_values(variables, limits):
            return errors
        cost, most = requested(operation.cost, variables), limits.query_max_cost
        if cost > most:
            return [too_complex(f"This request costs {cost}; it may cost {most}.")]
        return self._bill.open(operation.cost, cost, operation.fields.values())

    async def execute(
        self, operation: Operation, schema: GraphQLSchema, variables: Mapping[str, Any]
    ) -> ExecutionResult:
        """By the operation's plan."""
        asked = Asked(
            schema,
            self._context,
            variables,
            most_errors=self._documents.most_errors_of_variables,
            hides_suggestions=not self.may_read_schema,
            watch=self._documents.watch,
        )
        return await operation.plan.execute(asked)

    def extensions(self, data: Any) -> dict[str, Any]:  # noqa: ANN401  (what was answered)
        """What it cost, if it was executed, and what the client has left."""
        return {"cost": self._bill.settled(data)} if self._bill.is_open else {}
