"""`/graphql`: one request in, one answer out."""

import asyncio
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graphql_api.answers import CONTENT_TYPES, GRAPHQL_JSON, GraphQLResponse
from graphql_api.auth import REFRESH_COOKIE, Credentials, client
from graphql_api.caching.errors import NotPublicError
from graphql_api.caching.http import is_by_name, public_response, refuse_private
from graphql_api.cookies import set_cookies
from graphql_api.errors import format_errors, format_refusal
from graphql_api.facts import facts_of
from graphql_api.graphiql.page import graphiql
from graphql_api.headers import takes
from graphql_api.multipart import MULTIPART, admit, from_multipart, is_multipart
from graphql_api.persisted.errors import PersistedQueryError
from graphql_api.persisted.lookup import PersistedDocuments
from graphql_api.request import (
    BY_GET,
    GraphQLRequest,
    MalformedRequest,
    from_body,
    from_url,
    is_preflighted,
    media_type,
    require_preflight,
)
from graphql_api.schema import Schema
from graphql_api.services import Services
from schema.context import Context, Cookies
from schema.errors import TimedOut, Unauthenticated

TOO_LONG = "This took too long and was given up. A mutation may be sent again with the same idempotency key."

_BY_GET = {OperationType.QUERY}
_BY_POST = {OperationType.QUERY, OperationType.MUTATION}


class Shortcut:
    """Hands what is for the first route past all that looks for the route of a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        first: Route = scope["app"].router.routes[0]
        if scope["type"] == "http" and scope["path"] == first.path and scope["method"] in (first.methods or ()):
            scope["endpoint"] = first.endpoint
            response = await first.endpoint(Request(scope, receive, send))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def routes(schema: Schema, *, with_graphiql: bool) -> list[Route]:
    """The endpoint for GET and POST; a browser that comes by gets GraphiQL."""

    async def endpoint(request: Request) -> Response:
        if with_graphiql and _is_browser(request):
            return await graphiql(request)
        try:
            return await _answer(schema, request)
        except MalformedRequest as refusal:
            body = format_refusal(str(refusal), request.state.request_id)
            return _response(request, body, refusal.status)
        except TimedOut as refusal:
            body = format_refusal(str(refusal), request.state.request_id, refusal.code)
            return _response(request, body, _status_of_errors(request, 504))
        except Unauthenticated as refusal:
            body = format_refusal(str(refusal), request.state.request_id, refusal.code)
            return _response(request, body, 401 if is_multipart(request) else _status_of_errors(request, 401))

    return [Route("/graphql", endpoint, methods=["GET", "POST"])]


async def _answer(schema: Schema, request: Request) -> Response:
    if request.method != "POST":
        operation = from_url(request)
    elif (kind := media_type(request)) == MULTIPART:
        return await _answer_multipart(schema, request)
    else:
        operation = await from_body(request, kind)
    return await _run(schema, request, operation, await _context(request))


async def _answer_multipart(schema: Schema, request: Request) -> Response:
    """The answer to a request with files: first who it comes from, then its body."""
    context = await _context(request)
    admit(request, context.viewer)
    async with from_multipart(request, context.upload_max_bytes) as operation:
        return await _run(schema, request, operation, context)


async def _run(schema: Schema, request: Request, operation: GraphQLRequest, context: Context) -> Response:
    services: Services = request.state.services
    allowed = _BY_POST if request.method == "POST" else _BY_GET
    context.asked.only_public = request.method != "POST" and not is_preflighted(request)
    try:
        result = await _execute(schema, services.persisted, operation, context, allowed)
    except NotPublicError:
        require_preflight(request, BY_GET)
        raise
    return _with_cookies(_result(request, result), request, context.answer.cookies)


def _result(request: Request, result: ExecutionResult) -> Response:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = format_errors(result.errors, request.state.request_id)
    if result.data is None and _failed_before_execution(result):
        del body["data"]
        return _refused(request, body, _asks_for_text(result))
    body["extensions"] = result.extensions
    if (seconds := _public_seconds(request)) and not result.errors:
        return public_response(request, body, seconds, CONTENT_TYPES[_takes_graphql(request)])
    return _response(request, body, 200)


def _refused(request: Request, body: dict[str, Any], is_question: bool) -> Response:  # noqa: FBT001  (which of two answers)
    """Too many requests are told so by HTTP as well, whatever the client accepts: proxies and libraries obey it."""
    if seconds := max(error["extensions"].get("retryAfter", 0) for error in body["errors"]):
        return _response(request, body, 429, {"Retry-After": str(seconds)})
    return _response(request, body, 200 if is_question else _status_of_errors(request, 400))


def _asks_for_text(result: ExecutionResult) -> bool:
    """Whether the client is to send what it sent the hash of: some of its libraries hear that with status 200 alone."""
    causes = [error.original_error for error in result.errors or ()]
    return any(isinstance(cause, PersistedQueryError) and cause.is_by_hash for cause in causes)


def _public_seconds(request: Request) -> int:
    """How long caches may keep the answer; 0: not at all."""
    asked = facts_of(request).asked
    return asked.public_seconds if asked and is_by_name(request) else 0


def _failed_before_execution(result: ExecutionResult) -> bool:
    return all(error.path is None for error in result.errors or ())


async def _execute(
    schema: Schema,
    persisted: PersistedDocuments,
    operation: GraphQLRequest,
    context: Context,
    allowed: set[OperationType],
) -> ExecutionResult:
    try:
        async with asyncio.timeout(context.seconds):
            result = await schema.execute(
                await persisted.text(operation, context),
                variable_values=operation.variables,
                operation_name=operation.operation_name,
                context_value=context,
                allowed_operation_types=allowed,
            )
    except GraphQLError as error:  # there is no document to execute
        return PreExecutionError(None, [error])
    except TimeoutError as error:  # none of a resolver comes so far
        raise TimedOut(TOO_LONG) from error
    except InvalidOperationTypeError as error:
        if context.asked.only_public:
            raise NotPublicError from error
        raise MalformedRequest(405, "Only queries may be sent by GET; subscriptions go over WebSocket.") from error
    except CannotGetOperationTypeError as error:
        raise MalformedRequest(400, error.as_http_error_reason()) from error
    refuse_private(result)
    return result


async def _context(request: Request) -> Context:
    """What this request works with; Unauthenticated if its token does not hold."""
    services: Services = request.state.services
    viewer = await services.authenticator.viewer(Credentials.of(request))
    context = services.context(request.state.request_id, viewer, client(request))
    facts_of(request).came_from(context)
    return context


def _with_cookies(response: Response, request: Request, cookies: Cookies | None) -> Response:
    """The answer with the tokens that travel as cookies, set or cleared."""
    if cookies is not None and (cookies.refresh or request.cookies.get(REFRESH_COOKIE)):
        services: Services = request.state.services
        set_cookies(response, cookies, services.settings)
    return response


def _status_of_errors(request: Request, status: int) -> int:
    """The specification's status for its own media type; clients of plain JSON expect 200."""
    return status if _takes_graphql(request) else 200


def _response(request: Request, body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    if errors := body.get("errors"):
        facts_of(request).failed_with(errors)
    own = {"Allow": "POST"} if status == 405 else headers or {}  # noqa: PLR2004  (method not allowed)
    return GraphQLResponse(orjson.dumps(body), status, own, is_graphql=_takes_graphql(request))


def _takes_graphql(request: Request) -> bool:
    return takes(request.scope, GRAPHQL_JSON)


def _is_browser(request: Request) -> bool:
    return request.method == "GET" and "query" not in request.query_params and takes(request.scope, "text/html")
