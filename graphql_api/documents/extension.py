"""Where Strawberry asks for the document of a request and whether it is valid."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cached_property
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from typing_extensions import override

from graphql_api.documents.admission import Admission
from graphql_api.documents.cache import Documents, FallBack, Operation, Prepared


class PreparedDocument(SchemaExtension):
    """Takes the document from those remembered, notes in the context what it asks for, and says what it costs."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._prepared: Prepared | None = None
        self._operation: Operation | None = None

    @cached_property
    def _admission(self) -> Admission:
        return Admission(self._documents, self.execution_context.context)

    @override
    def on_parse(self) -> Iterator[None]:
        """Read it, unless it is known; GraphQLError says why it cannot be read."""
        execution = self.execution_context
        text = execution.query or ""
        if error := self._admission.to_read(text):
            raise error
        schema, hidden = execution.schema._schema, not self._admission.may_read_schema  # noqa: SLF001  (as Strawberry's own)
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
        self._operation = operation
        return self._admission.errors(operation, self.execution_context.variables or {})

    @override
    async def on_execute(self) -> AsyncIterator[None]:
        """Execute it by its plan; what has none, like a subscription, is left to graphql-core, and counted."""
        execution, operation = self.execution_context, self._operation
        if operation and (reason := self._documents.fall_back(operation)):
            self._count(reason)
        elif operation:
            schema = execution.schema._schema  # noqa: SLF001  (as Strawberry's own)
            execution.result = await self._admission.execute(operation, schema, execution.variables or {})
        yield

    def _count(self, reason: FallBack) -> None:
        if self._documents.fell_back:
            self._documents.fell_back(reason)

    @override
    def get_results(self) -> dict[str, Any]:
        """What it cost, and what the client has left."""
        result = self.execution_context.result
        return self._admission.extensions(result.data) if result else {}


def prepared_documents(documents: Documents) -> Callable[[], SchemaExtension]:
    """For the schema's extensions: one for each request."""
    return lambda: PreparedDocument(documents)
