"""One subscription of a socket: what it answers, message by message."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from graphql_api.auth import client
from graphql_api.errors import format_errors, refusal
from graphql_api.facts import Facts
from graphql_api.identity import Identity
from graphql_api.request import GraphQLRequest
from graphql_api.schema import Schema
from graphql_api.services import Services
from graphql_api.spans import subscribed

ONLY_SUBSCRIPTIONS = "Only subscriptions go over a WebSocket: send queries and mutations over HTTP."

Tell = Callable[[str, object], Awaitable[None]]
"""Sends a message of this operation: its type and its payload. `error` and `complete` are the last."""

log = structlog.get_logger(__name__)


class Subscriptions:
    """Runs those of one socket."""

    def __init__(self, websocket: WebSocket, schema: Schema) -> None:
        self._websocket = websocket
        self._schema = schema
        self._services: Services = websocket.state.services
        self._request_id = str(websocket.state.request_id)

    async def run(self, request: GraphQLRequest, identity: Identity | None, tell: Tell) -> None:
        """Run one until it is over; then its line is logged."""
        facts, began = Facts(), time.monotonic()
        with subscribed(self._services.tracer, facts, self._request_id):
            try:
                await self._tell_results(request, identity, facts, tell)
            finally:
                seconds = round(time.monotonic() - began, 1)
                self._services.meters.answered(facts, seconds)
                log.info("subscription", fields=facts.fields, user=facts.user_id, errors=facts.codes, seconds=seconds)

    async def _tell_results(self, request: GraphQLRequest, identity: Identity | None, facts: Facts, tell: Tell) -> None:
        """Send each result, and how it ended."""
        async with aclosing(self._results(request, identity, facts)) as results:
            async for result in results:
                if _is_over(result):
                    facts.failed_with(errors := self._errors(result.errors or []))
                    return await tell("error", errors)
                if identity:
                    await identity.check()
                await tell("next", self._payload(result))
        return await tell("complete", None)

    async def _results(
        self, request: GraphQLRequest, identity: Identity | None, facts: Facts
    ) -> AsyncGenerator[ExecutionResult, None]:
        """What comes of it; a document that cannot be parsed has a result as well, which Strawberry raises."""
        viewer = identity.viewer if identity else None
        context = self._services.context(self._request_id, viewer, client(self._websocket))
        facts.came_from(context)
        try:
            stream = await self._schema.subscribe(
                await self._services.persisted.text(request, context),
                variable_values=request.variables,
                operation_name=request.operation_name,
                context_value=context,
            )
            async with aclosing(stream) as results:
                async for result in results:
                    yield result
        except GraphQLError as error:
            yield PreExecutionError(None, [error])

    def _payload(self, result: ExecutionResult) -> dict[str, Any]:
        return {"data": result.data} | ({"errors": self._errors(result.errors)} if result.errors else {})

    def _errors(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        cause = errors[0].original_error
        if isinstance(cause, InvalidOperationTypeError):
            return refusal(ONLY_SUBSCRIPTIONS, self._request_id)
        if isinstance(cause, CannotGetOperationTypeError):
            return refusal(cause.as_http_error_reason(), self._request_id)
        return format_errors(errors, self._request_id)


def _is_over(result: ExecutionResult) -> bool:
    """Whether the operation was refused, or its source failed: no error of one of its results."""
    return isinstance(result, PreExecutionError) or (
        result.data is None and all(error.path is None for error in result.errors or ())
    )
