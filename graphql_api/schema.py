"""The GraphQL schema, put together from the slices: `python -m graphql_api.schema [--check | --write]`."""

import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import DEFAULT_ALLOWED_OPERATION_TYPES
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.base import get_object_definition
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from typing_extensions import override

from graphql_api.documents.admission import Admission
from graphql_api.documents.cache import Documents, Operation
from graphql_api.documents.extension import prepared_documents
from schema.accounts.mutations import AccountMutations
from schema.announcements.mutations import AnnouncementMutations
from schema.categories.mutations import CategoryMutations
from schema.categories.queries import CategoryQueries
from schema.categories.types import CategoryType
from schema.files.model import IncomingFile
from schema.files.mutations import FileMutations
from schema.files.types import UPLOAD, FileType
from schema.jobs.mutations import JobMutations
from schema.jobs.queries import JobQueries
from schema.jobs.subscriptions import JobSubscriptions
from schema.jobs.types import JobType
from schema.money.types import DECIMAL
from schema.orders.mutations import OrderMutations
from schema.orders.queries import OrderQueries
from schema.orders.subscriptions import OrderSubscriptions
from schema.orders.types import OrderType
from schema.products.mutations import ProductMutations
from schema.products.queries import ProductQueries
from schema.products.types import ProductType
from schema.reports.mutations import ReportMutations
from schema.sessions.mutations import SessionMutations
from schema.sessions.types import SessionType
from schema.system.queries import SystemQueries
from schema.users.mutations import UserMutations
from schema.users.queries import UserQueries
from schema.users.types import UserType
from schema.viewer.queries import ViewerQueries
from settings.limits import QueryLimits

SDL = Path("schema.graphql")

QUERIES = (ViewerQueries, CategoryQueries, ProductQueries, OrderQueries, JobQueries, UserQueries, SystemQueries)
MUTATIONS = (
    AccountMutations,
    SessionMutations,
    UserMutations,
    FileMutations,
    CategoryMutations,
    ProductMutations,
    OrderMutations,
    ReportMutations,
    AnnouncementMutations,
    JobMutations,
)
SUBSCRIPTIONS = (JobSubscriptions, OrderSubscriptions)
NODES = (CategoryType, FileType, JobType, OrderType, ProductType, SessionType, UserType)
"""What the slices give: the root fields, and the types that `node` can answer."""


class Schema(strawberry.Schema):
    """Strawberry's schema; errors are logged where they are answered, with the request's id."""

    documents: Documents | None = None
    """What is remembered of documents, and what they may be; None: Strawberry looks at each anew."""

    @override
    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """What is known and may be asked here goes straight to its plan; Strawberry looks at everything else."""
        allowed = DEFAULT_ALLOWED_OPERATION_TYPES if allowed_operation_types is None else allowed_operation_types
        operation = None if root_value else self._known(query, operation_name, allowed)
        if query and self.documents and context_value and operation:
            admission = Admission(self.documents, context_value)
            return await self._execute_known(admission, operation, query, variable_values or {})
        return await super().execute(
            query, variable_values, context_value, root_value, operation_name, allowed, operation_extensions
        )

    def _known(self, query: str | None, name: str | None, allowed: Iterable[OperationType]) -> Operation | None:
        known = self.documents.known(query) if query and self.documents and self.documents.compiles else None
        operation = known.operations.get(name) if known else None
        return operation if operation and OperationType(operation.kind) in allowed else None

    async def _execute_known(
        self, admission: Admission, operation: Operation, query: str, variables: dict[str, Any]
    ) -> ExecutionResult:
        if refusal := admission.to_read(query):
            return PreExecutionError(None, [refusal])
        if refusals := admission.errors(operation, variables):
            return PreExecutionError(None, refusals)
        result = await admission.execute(operation, self._schema, variables)
        return ExecutionResult(result.data, result.errors, admission.extensions(result.data))

    @override
    def _get_custom_context_kwargs(
        self, operation_extensions: dict[str, Any] | None = None, *, sync: bool = False
    ) -> dict[str, Any]:
        given = super()._get_custom_context_kwargs(operation_extensions, sync=sync)
        if self.documents is None:
            return given
        hidden, most = not self.documents.is_schema_open, self.documents.most_errors_of_variables
        return given | {"hide_suggestions": hidden, "max_coercion_errors": most}

    @override
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: `graphql_api.errors` does it."""


def read(source: Any, name: str) -> Any:  # noqa: ANN401  (documents and payloads hold anything)
    """A field of a document as MongoDB gave it, or of a payload."""
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name)


def create_schema(documents: Documents | None = None, executor: type[Executor] | None = None) -> Schema:
    """The schema of this process, and what it remembers of documents; `executor` in place of Strawberry's, to trace."""
    documents = documents or Documents(QueryLimits())
    schema = Schema(
        query=_root("Query", QUERIES, "What can be asked."),
        mutation=_root("Mutation", MUTATIONS, "What can be done: one after the other, each wholly or not at all."),
        subscription=_root("Subscription", SUBSCRIPTIONS, "What can be watched, over a WebSocket."),
        types=NODES,
        execution_context_class=executor,
        config=StrawberryConfig(default_resolver=read, scalar_map={Decimal: DECIMAL, IncomingFile: UPLOAD}),
        extensions=[prepared_documents(documents)],
    )
    schema.documents = documents
    _describe_directives(schema)
    return schema


def _root(name: str, slices: tuple[type, ...], description: str) -> type:
    merged = merge_types(name, slices)
    get_object_definition(merged, strict=True).description = description
    return merged


def _describe_directives(schema: Schema) -> None:
    """What their arguments are for, which Strawberry leaves out."""
    for directive in schema._schema.directives:  # noqa: SLF001  (Strawberry shows it nowhere else)
        if definition := directive.extensions.get("strawberry-definition"):
            for field in definition.fields:
                directive.args[schema.config.name_converter.get_graphql_name(field)].description = field.description


def unknown_fields(schema: Schema, names: Iterable[str]) -> list[str]:
    """Those of the names that no root type has a field of."""
    core = schema._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
    roots = (core.query_type, core.mutation_type, core.subscription_type)
    known = {name for root in roots if root for name in root.fields}
    return sorted(set(names) - known)


def main(arguments: list[str]) -> int:
    """Print the SDL; with --write, write schema.graphql; with --check, say whether it is current."""
    sdl = create_schema().as_str() + "\n"
    if arguments == ["--check"]:
        return _check(sdl)
    if arguments == ["--write"]:
        SDL.write_text(sdl)
    else:
        sys.stdout.write(sdl)
    return 0


def _check(sdl: str) -> int:
    if SDL.is_file() and SDL.read_text() == sdl:
        return 0
    sys.stderr.write("schema.graphql is not current: run `make schema` and commit it.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
