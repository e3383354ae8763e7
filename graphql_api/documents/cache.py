"""Documents by their text: read, measured and validated once, and remembered as long as there is room."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
)

from graphql_api.caching.answers import Answers
from graphql_api.caching.question import Question
from graphql_api.documents.cost import Selection
from graphql_api.documents.limits import refusals
from graphql_api.documents.measures import INTROSPECTION
from graphql_api.documents.operations import operations, root_fields
from graphql_api.documents.pricing import price
from graphql_api.documents.rules import faults
from graphql_api.execution.plan import Plan
from graphql_api.execution.run import Watch
from graphql_api.execution.variants import ROOM_FOR_FIELDS, Variants
from graphql_api.two_queues import TwoQueueCache
from settings.limits import QueryLimits

ROOM = 100_000
"""Characters of the documents that are remembered, together: once read, each takes far more memory than its text."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One of a document that may be executed."""

    kind: str
    """query, mutation or subscription."""

    fields: Mapping[str, str]
    """Its root fields, by the keys that their answers have."""

    cost: Selection
    plan: Plan
    question: Question

    @property
    def introspects(self) -> bool:
        """Whether it asks for what the schema is."""
        return not INTROSPECTION.isdisjoint(self.fields.values())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document, and what is wrong with it; the operations are only told of one that is right."""

    document: DocumentNode
    errors: Sequence[GraphQLError] = ()
    operations: Mapping[str | None, Operation] = field(default_factory=dict)


FallBack = Literal["subscription", "setting"]
"""Why graphql-core executes an operation: no plan is made of its kind, or of none, as EXECUTOR says."""


class Documents:
    """Those that clients send to one schema.

    `watch` is told of each root field that a plan executes, `fell_back` why graphql-core executes an operation;
    `answers` are those of public data, where they are kept.
    """

    def __init__(self, limits: QueryLimits, *, is_schema_open: bool = True) -> None:
        self.limits = limits
        self.is_schema_open = is_schema_open
        self.compiles = limits.executor == "compiled"
        self.watch: Watch | None = None
        self.fell_back: Callable[[FallBack], None] | None = None
        self.answers: Answers | None = None
        self._variants = Variants(ROOM_FOR_FIELDS)
        self._known: TwoQueueCache[str, Prepared] = TwoQueueCache(ROOM)

    @property
    def most_errors_of_variables(self) -> int:
        """How many are answered before the one that says that there are more."""
        return self.limits.query_max_errors - 1

    def fall_back(self, operation: Operation) -> FallBack | None:
        """Why graphql-core executes it; None: its plan does."""
        if not self.compiles:
            return "setting"
        return "subscription" if operation.kind == "subscription" else None

    def known(self, text: str) -> Prepared | None:
        """The document of this text if it is remembered: it is valid, then."""
        return self._known.get(text)

    def prepare(self, schema: GraphQLSchema, text: str, *, hide_suggestions: bool = False) -> Prepared:
        """The document of this text, perhaps with errors, which tell of names like those that are wrong or do not.

        Raises:
            GraphQLError: it cannot be read, or is too long to try.
        """
        if known := self.known(text):
            return known
        prepared = self._read(schema, text, hide_suggestions)
        if not prepared.errors:
            self._known.put(text, prepared, len(text))
        return prepared

    def _read(self, schema: GraphQLSchema, text: str, hide_suggestions: bool) -> Prepared:  # noqa: FBT001  (as in prepare)
        document = parse(
            text,
            max_source_length=self.limits.query_max_length,
            max_lexical_tokens=self.limits.query_max_tokens,
            max_comments=self.limits.query_max_comments,
        )
        errors = refusals(document, text, self.limits) or faults(schema, document, self.limits, hide_suggestions)
        return Prepared(document, errors, {} if errors else _operations(schema, document, self._variants))


def _operations(schema: GraphQLSchema, document: DocumentNode, variants: Variants) -> dict[str | None, Operation]:
    """By name; one that is alone also without."""
    every = operations(document)
    named: dict[str | None, Operation] = {_name(each): _operation(schema, document, each, variants) for each in every}
    return named | {None: named[_name(every[0])]} if len(every) == 1 else named


def _name(operation: OperationDefinitionNode) -> str | None:
    return operation.name.value if operation.name else None


def _operation(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variants: Variants
) -> Operation:
    fields, cost = root_fields(document, operation), price(schema, document, operation)
    plan, question = Plan(schema, document, operation, variants), Question.of(schema, document, operation)
    return Operation(operation.operation.value, fields, cost, plan, question)
