"""What the API traces: each request and each subscription, and under it the root fields it asks for.

Names and attributes are words of the schema, codes and ids: nothing a client wrote, but for the path, which is logged.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span, use_span
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor
from typing_extensions import override

from graphql_api.errors import MASKED, code_of
from graphql_api.execution.run import MOST_WATCHED, Watch
from graphql_api.facts import OUR_FAULT, Facts, folded_method, shown_path
from settings.tracing import following


class Spans:
    """Makes a span of each request; what a socket asks for follows the request that opened it."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        parent = following(Headers(scope=scope).get("traceparent"))
        if scope["type"] == "websocket":
            with use_span(get_current_span(parent)):
                await self._app(scope, receive, send)
            return
        with _server_span(self._tracer, folded_method(scope["method"]), parent) as span:
            await self._answer(span, scope, receive, send)

    async def _answer(self, span: Span, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            _describe_request(span, scope)


def subscribed(tracer: Tracer | None, facts: Facts, request_id: str) -> AbstractContextManager[None]:
    """Around one operation of a socket; its facts are noted when it is over."""
    return _subscription(tracer, facts, request_id) if tracer else nullcontext()


@contextmanager
def _subscription(tracer: Tracer, facts: Facts, request_id: str) -> Iterator[None]:
    with _server_span(tracer, "subscription") as span:
        span.set_attribute("request.id", request_id)
        try:
            yield
        finally:
            _describe_operation(span, facts)


def root_fields(tracer: Tracer) -> Watch:
    """A span for each root field that a plan executes, until all that was asked of it is there."""

    @contextmanager
    def watch(name: str, key: str, errors: Sequence[GraphQLError]) -> Iterator[None]:
        span = tracer.start_span(name)
        try:
            with _current(span):
                yield
        finally:
            _end(span, [error for error in errors if error.path and error.path[0] == key])

    return watch


def traced_executor(tracer: Tracer) -> type[Executor]:
    """Strawberry's executor, in which a root field is a span until all that was asked of it is there."""
    return type("TracedExecutor", (_TracedExecutor,), {"tracer": tracer})


class _TracedExecutor(Executor):
    tracer: Tracer
    spans = 0

    @override
    def execute_field(
        self, parent_type: GraphQLObjectType, source: Any, fields: FieldDetailsList, path: Path, position: Any
    ) -> Any:
        execute = partial(super().execute_field, parent_type, source, fields, path, position)
        if path.prev is None and self.spans < MOST_WATCHED:
            return self._in_span(fields[0].node.name.value, path.key, execute)
        return execute()

    def _in_span(self, name: str, key: str | int, execute: Callable[[], Any]) -> Any:  # noqa: ANN401  (whatever it answers)
        self.spans += 1
        span = self.tracer.start_span(name)
        try:
            with _current(span):
                result = execute()
        except GraphQLError as error:
            _end(span, [error])
            raise
        if self.is_awaitable(result):
            return self._awaited(span, key, result)
        _end(span, self._errors_at(key))
        return result

    async def _awaited(self, span: Span, key: str | int, result: Awaitable[Any]) -> Any:  # noqa: ANN401  (the same)
        raised: list[GraphQLError] = []
        try:
            with _current(span):
                return await result
        except GraphQLError as error:
            raised = [error]
            raise
        finally:
            _end(span, raised or self._errors_at(key))

    def _errors_at(self, key: str | int) -> list[GraphQLError]:
        return [error for error in self.collected_errors.errors if error.path and error.path[0] == key]


def _server_span(tracer: Tracer, name: str, parent: Context | None = None) -> AbstractContextManager[Span]:
    return tracer.start_as_current_span(
        name, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    )


def _current(span: Span) -> AbstractContextManager[Span]:
    return use_span(span, record_exception=False, set_status_on_exception=False)


def _end(span: Span, errors: Sequence[GraphQLError]) -> None:
    """Note the first error by its code and its type: its text is for the client, or for the log."""
    if errors:
        _fail(span, code_of(errors[0]))
        span.set_attribute("exception.type", type(errors[0].original_error or errors[0]).__name__)
    span.end()


def _describe_request(span: Span, scope: Scope) -> None:
    method, route = folded_method(scope["method"]), _route(scope)
    span.update_name(f"{method} {route}" if route else method)
    span.set_attribute("http.request.method", method)
    span.set_attribute("url.path", shown_path(scope["path"]))
    if route:
        span.set_attribute("http.route", route)
    span.set_attribute("request.id", scope["state"]["request_id"])
    _describe_operation(span, scope["state"]["facts"])


def _route(scope: Scope) -> str | None:
    """The path that answered, as it is written in the route: Starlette's plain ones leave no more than the endpoint."""
    endpoint = scope.get("endpoint")
    routes = scope["app"].routes if endpoint else ()
    return next((str(route.path) for route in routes if getattr(route, "endpoint", None) is endpoint), None)


def _describe_operation(span: Span, facts: Facts) -> None:
    """Named by its root field; by its type alone if it asks for several, of which there are endless combinations."""
    if facts.operation:
        span.update_name(f"{facts.operation} {facts.fields[0]}" if len(facts.fields) == 1 else facts.operation)
        span.set_attribute("graphql.operation.type", facts.operation)
        span.set_attribute("graphql.fields", facts.fields)
    if facts.user_id:
        span.set_attribute("user.id", facts.user_id)
    if facts.codes:
        span.set_attribute("graphql.errors", facts.codes)
        _fail(span, OUR_FAULT if OUR_FAULT in facts.codes else facts.codes[0])


def _fail(span: Span, code: str) -> None:
    """A span that failed by a fault of ours is in error; what a client did wrong has its code."""
    span.set_attribute("error.type", code)
    if code == OUR_FAULT:
        span.set_status(StatusCode.ERROR, MASKED)
