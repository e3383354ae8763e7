"""What a document may not do, however well it is formed. Every limit that is passed is reported; nothing is raised."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, Node, OperationDefinitionNode, OperationType, Visitor, visit

from graphql_api.documents.measures import measure
from graphql_api.documents.operations import operations, root_fields
from schema.errors import QueryTooComplex
from settings.limits import QueryLimits

SIGN_IN_LIKE = frozenset(
    {
        "userSignUp",
        "userSignIn",
        "tokenRefresh",
        "emailVerify",
        "passwordResetRequest",
        "passwordReset",
        "passwordChange",
    }
)
"""Mutations that guess or cost a password or a token: aliases would multiply them."""


def refusals(document: DocumentNode, text: str, limits: QueryLimits) -> list[GraphQLError]:
    """An error for each limit that the document, parsed from this text, is beyond."""
    return [too_complex(message) for message in _excesses(document, text, limits)]


def refusals_of_values(variables: Mapping[str, Any], limits: QueryLimits) -> list[GraphQLError]:
    """The same of the variables: for each value in them the types have to be gone through while all others wait."""
    waiting: list[Any] = [variables]
    count = 0
    while waiting and count <= limits.query_max_values:
        value = waiting.pop()
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        waiting.extend(inner)
        count += len(inner)
    return [too_complex(message) for message in _excess(count, limits.query_max_values, "values in its variables")]


def too_complex(message: str) -> GraphQLError:
    """The error of a document that is beyond a limit."""
    return GraphQLError(message, original_error=QueryTooComplex(message))


def _excesses(document: DocumentNode, text: str, limits: QueryLimits) -> Iterator[str]:
    size = measure(document)
    yield from _excess(size.depth, limits.query_max_depth, "levels of fields")
    yield from _excess(size.nesting, limits.query_max_fragments, "levels of fragments")
    yield from _excess(size.fields, limits.query_max_fields, "fields, all fragments written out")
    yield from _excess(size.aliases, limits.query_max_aliases, "aliases, all fragments written out")
    if "@" in text:
        yield from _excesses_of_directives(document, limits)
    every = operations(document)
    yield from _excess(len(every), limits.query_max_operations, "operations")
    for operation in every:
        if operation.operation is OperationType.MUTATION:
            yield from _excesses_of_mutations(document, operation, limits)


def _excess(count: int, most: int, what: str) -> Iterator[str]:
    if count > most:
        yield f"This request has more than {most} {what}."


def _excesses_of_mutations(
    document: DocumentNode, operation: OperationDefinitionNode, limits: QueryLimits
) -> Iterator[str]:
    fields = root_fields(document, operation).values()
    yield from _excess(len(fields), limits.query_max_mutations, "mutations")
    sign_ins = sum(field in SIGN_IN_LIKE for field in fields)
    yield from _excess(sign_ins, limits.query_max_sign_ins, f"of the mutations {', '.join(sorted(SIGN_IN_LIKE))}")


def _excesses_of_directives(document: DocumentNode, limits: QueryLimits) -> Iterator[str]:
    counting = _Directives()
    visit(document, counting)
    yield from _excess(counting.total, limits.query_max_directives, "directives")
    yield from _excess(counting.most_in_place, limits.query_max_directives_in_place, "directives in one place")


class _Directives(Visitor):
    """Counts directives, as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        self.most_in_place = 0

    def enter(self, node: Node, *_: object) -> None:
        """Count those of one place."""
        here = len(getattr(node, "directives", None) or ())
        self.total += here
        self.most_in_place = max(self.most_in_place, here)
