"""Where Strawberry asks for the document of a request and whether it is valid."""

from collections.abc import Callable, Iterator
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from typing_extensions import override

from graphql_api.documents.bill import Bill, reading
from graphql_api.documents.cache import Documents, Operation, Prepared
from graphql_api.documents.cost import requested
from graphql_api.documents.limits import refusals_of_values, too_complex
from graphql_api.documents.rules import forbidden
from schema.access import Permission, Viewer


class PreparedDocument(SchemaExtension):
    """Takes the document from those remembered, notes in the context what it asks for, and says what it costs."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._prepared: Prepared | None = None
        self._bill = Bill(None)

    @override
    def on_parse(self) -> Iterator[None]:
        """Read it, unless it is known; GraphQLError says why it cannot be read."""
        execution = self.execution_context
        self._bill = Bill(execution.context.purse)
        text = execution.query or ""
        if error := self._bill.charge(reading(text, is_known=self._documents.knows(text))):
            raise error
        schema, hidden = execution.schema._schema, not self._may_read_schema()  # noqa: SLF001  (as Strawberry's own)
        self._prepared = self._documents.prepare(schema, text, hide_suggestions=hidden)
        execution.graphql_document = self._prepared.document
        yield

    @override
    def on_validate(self) -> Iterator[None]:
        """Say what is wrong with it, else note what it asks for."""
        self.execution_context.pre_execution_errors = self._errors(self._prepared) if self._prepared else []
        yield

    def _errors(self, prepared: Prepared) -> list[GraphQLError]:
        if prepared.errors:
            return list(prepared.errors)
        name = self.execution_context._provided_operation_name  # noqa: SLF001  (the public one falls back to the first)
        if (operation := prepared.operations.get(name)) is None:
            return [GraphQLError("Say by operationName which of the operations to run.")]
        if operation.introspects and not self._may_read_schema():
            return [forbidden()]
        asked = self.execution_context.context.asked
        asked.operation, asked.fields = operation.kind, operation.fields
        if asked.when_valid:
            asked.when_valid()
        return self._errors_of_cost(operation)

    def _may_read_schema(self) -> bool:
        viewer: Viewer | None = self.execution_context.context.viewer
        return self._documents.is_schema_open or bool(viewer and viewer.may(Permission.SCHEMA_READ))

    def _errors_of_cost(self, operation: Operation) -> list[GraphQLError]:
        limits, variables = self._documents.limits, self.execution_context.variables or {}
        if errors := refusals_of_values(variables, limits):
            return errors
        cost, most = requested(operation.cost, variables), limits.query_max_cost
        if cost > most:
            return [too_complex(f"This request costs {cost}; it may cost {most}.")]
        return self._bill.open(operation.cost, cost, operation.fields.values())

    @override
    def get_results(self) -> dict[str, Any]:
        """What it cost, and what the client has left."""
        result = self.execution_context.result
        return {"cost": self._bill.settled(result.data)} if result and self._bill.is_open else {}


def prepared_documents(documents: Documents) -> Callable[[], SchemaExtension]:
    """For the schema's extensions: one for each request."""
    return lambda: PreparedDocument(documents)
