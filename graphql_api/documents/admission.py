"""Whether what a request asks for may be executed, and what is charged for it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema

from graphql_api.caching.entries import Answer
from graphql_api.caching.errors import NotPublicError
from graphql_api.documents.bill import Bill, reading
from graphql_api.documents.cache import Documents, Operation
from graphql_api.documents.cost import requested
from graphql_api.documents.limits import refusals_of_values, too_complex
from graphql_api.documents.rules import forbidden
from graphql_api.execution.run import Asked
from schema.access import Permission, Viewer
from schema.context import Context


class Admission:
    """Of one request."""

    def __init__(self, documents: Documents, context: Context) -> None:
        self._documents = documents
        self._context = context
        self._bill = Bill(context.purse)
        self._cost: int | None = None

    @property
    def may_read_schema(self) -> bool:
        """Whether this client may ask what the schema is."""
        viewer: Viewer | None = self._context.viewer
        return self._documents.is_schema_open or bool(viewer and viewer.may(Permission.SCHEMA_READ))

    def to_read(self, text: str) -> GraphQLError | None:
        """Charge for looking at the document; an error if they may not even have that."""
        return self._bill.charge(reading(text, is_known=self._documents.known(text) is not None))

    def errors(self, operation: Operation, variables: Mapping[str, Any]) -> list[GraphQLError]:
        """Note what is asked for, and charge what it may cost at most; errors if it may not be executed."""
        if operation.introspects and not self.may_read_schema:
            return [forbidden()]
        asked = self._context.asked
        if asked.only_public and not operation.question.hint.is_public:
            return [_not_public()]
        asked.operation, asked.fields = operation.kind, dict(operation.fields)
        if asked.when_valid:
            asked.when_valid()
        return self._errors_of_cost(operation, variables)

    def _errors_of_cost(self, operation: Operation, variables: Mapping[str, Any]) -> list[GraphQLError]:
        limits = self._documents.limits
        if errors := refusals_of_values(variables, limits):
            return errors
        cost, most = requested(operation.cost, variables), limits.query_max_cost
        if cost > most:
            return [too_complex(f"This request costs {cost}; it may cost {most}.")]
        return self._bill.open(operation.cost, cost, operation.fields.values())

    async def execute(
        self, operation: Operation, schema: GraphQLSchema, variables: Mapping[str, Any]
    ) -> ExecutionResult:
        """By the operation's plan; or as somebody was answered before, what is public and asked for without a name."""
        answers, question = self._documents.answers, operation.question
        if answers is None or not question.hint.is_public or not self._is_anonymous:
            return await operation.plan.execute(self._asked(schema, self._context, variables))
        answer = await answers.get(question, variables, partial(self._answer, operation, schema, variables))
        if isinstance(answer, ExecutionResult):
            return answer
        self._cost, self._context.asked.public_seconds = answer.cost, int(question.hint.seconds)
        return ExecutionResult(orjson.Fragment(answer.data))  # type: ignore[arg-type]  # it is JSON already

    async def _answer(
        self, operation: Operation, schema: GraphQLSchema, variables: Mapping[str, Any]
    ) -> Answer | ExecutionResult:
        """A new one, read on the primary: what is kept of a secondary that is late would stay late."""
        context = replace(self._context, nearby=None)
        result = await operation.plan.execute(self._asked(schema, context, variables))
        if result.errors or result.data is None:
            return result
        return Answer(orjson.dumps(result.data), self._bill.cost_of(result.data))

    @property
    def _is_anonymous(self) -> bool:
        return self._context.viewer is None and self._context.client.is_anonymous

    def _asked(self, schema: GraphQLSchema, context: Context, variables: Mapping[str, Any]) -> Asked:
        return Asked(
            schema,
            context,
            variables,
            most_errors=self._documents.most_errors_of_variables,
            hides_suggestions=not self.may_read_schema,
            watch=self._documents.watch,
        )

    def extensions(self, data: Any) -> dict[str, Any]:  # noqa: ANN401  (what was answered)
        """What it cost, if it was executed, and what the client has left."""
        if not self._bill.is_open:
            return {}
        return {"cost": self._bill.settled(self._bill.cost_of(data) if self._cost is None else self._cost)}


def _not_public() -> GraphQLError:
    refusal = NotPublicError()
    return GraphQLError(str(refusal), original_error=refusal)
