"""What the client reads of an error: a stable code, the request's id, and never our own faults."""

from collections.abc import Sequence
from typing import Any

import structlog
from graphql import ArgumentNode, GraphQLError, ValueNode

from graphql_api.facts import OUR_FAULT
from schema.errors import RateLimited, RequestError

MASKED = "Something went wrong on our side. Tell us the requestId and we can see what it was."

_PYTHONS, _GRAPHQLS = "not to be None.", "not to be null."
"""How graphql-core says that a variable may not be null, and how people who write GraphQL do."""

log = structlog.get_logger(__name__)


def format_errors(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The `errors` of an answer."""
    return [_format(error, request_id) for error in errors]


def format_refusal(message: str, request_id: str, code: str = "BAD_USER_INPUT") -> dict[str, Any]:
    """The answer to a request that is not even looked at."""
    return {"errors": refusal(message, request_id, code)}


def refusal(message: str, request_id: str, code: str = "BAD_USER_INPUT") -> list[dict[str, Any]]:
    """The `errors` of such an answer."""
    return [{"message": message, "extensions": {"code": code, "requestId": request_id}}]


def format_rate_refusal(seconds: float, request_id: str) -> dict[str, Any]:
    """The answer to who asks too often, for what is not even looked at."""
    error = RateLimited(seconds)
    extensions = _extensions(error, error.code, request_id)
    return {"errors": [{"message": str(error), "extensions": extensions}]}


def format_fault(request_id: str) -> dict[str, Any]:
    """The answer when something raised that we did not expect."""
    return {"errors": [{"message": MASKED, "extensions": {"code": OUR_FAULT, "requestId": request_id}}]}


def _format(error: GraphQLError, request_id: str) -> dict[str, Any]:
    message, code = _public(error)
    return {**error.formatted, "message": message, "extensions": _extensions(error.original_error, code, request_id)}


def _extensions(cause: Exception | None, code: str, request_id: str) -> dict[str, Any]:
    wait = {"retryAfter": cause.retry_after} if isinstance(cause, RateLimited) else {}
    return {"code": code, "requestId": request_id, **wait}


def code_of(error: GraphQLError) -> str:
    """The stable code of an error."""
    cause = error.original_error
    if isinstance(cause, RequestError):
        return cause.code
    document = isinstance(cause, RecursionError) or _is_fault_of_the_document(error)
    return "BAD_USER_INPUT" if document else OUR_FAULT


def _public(error: GraphQLError) -> tuple[str, str]:
    cause, code = error.original_error, code_of(error)
    if isinstance(cause, RequestError):
        return str(cause), code
    if isinstance(cause, RecursionError):
        return "The document is nested too deeply.", code
    if code != OUR_FAULT:
        return error.message.replace(_PYTHONS, _GRAPHQLS), code
    log.error("a resolver raised", path=error.path, exc_info=cause or error)
    return MASKED, code


def _is_fault_of_the_document(error: GraphQLError) -> bool:
    """Syntax, validation and variables: GraphQL's own errors, raised before a resolver ran."""
    cause = error.original_error
    innocent = cause is None or isinstance(cause, GraphQLError) or bool(error.nodes)
    return innocent if error.path is None else _is_of_an_argument(error)


def _is_of_an_argument(error: GraphQLError) -> bool:
    """Whether a variable gave it a value that only its field knows it must not have, like null where a default is."""
    return any(isinstance(node, (ArgumentNode, ValueNode)) for node in error.nodes or ())
