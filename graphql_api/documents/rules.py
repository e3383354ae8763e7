"""What GraphQL itself asks of a document."""

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValidationRule,
    specified_rules,
    validate,
)

from graphql_api.documents.limits import too_complex
from graphql_api.documents.measures import INTROSPECTION
from graphql_api.documents.operations import operations, root_fields
from schema.errors import Forbidden
from settings.limits import QueryLimits

_GAVE_UP = "Validation aborted."
_SAME_NAMES = "This request has too many fields that are answered by the same name: each is compared with each."


def faults(
    schema: GraphQLSchema,
    document: DocumentNode,
    limits: QueryLimits,
    hide_suggestions: bool,  # noqa: FBT001  (as graphql-core's own)
) -> list[GraphQLError]:
    """An error for each fault, as many as are answered; who gets no suggestions may not ask for the schema either."""
    if hide_suggestions and _introspects(document):
        return [forbidden()]
    rules = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
    most = limits.query_max_errors
    found = validate(schema, document, [*rules, _mergeable(limits)], most, hide_suggestions)[:most]
    return [too_complex(_SAME_NAMES) if error.message == _GAVE_UP else error for error in found]


def forbidden() -> GraphQLError:
    """What those are told who may not know what the schema is."""
    refusal = Forbidden("What the schema is, is told to administrators alone.")
    return GraphQLError(str(refusal), original_error=refusal)


def _introspects(document: DocumentNode) -> bool:
    every = (root_fields(document, operation).values() for operation in operations(document))
    return any(not INTROSPECTION.isdisjoint(fields) for fields in every)


def _mergeable(limits: QueryLimits) -> type[ValidationRule]:
    """The rule whose work grows with the square of the document; graphql-core alone would do it for a second."""

    class Mergeable(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = limits.query_max_comparisons

    return Mergeable
