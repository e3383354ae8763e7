"""The mutation convention: one `input`, one payload, and what the user typed wrongly in its `userErrors`.

One that creates or owes something takes a `KeyedInput`, answers under `Idempotent` in place of `UserErrors`, and does
all it does in `context.in_transaction(work)`: with an idempotency key it is done once.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types import Info
from typing_extensions import override

from schema.context import Context
from schema.engine import Document
from schema.enums import described
from schema.errors import BadUserInput, DomainError, Fault, InvalidInput, UserErrorCode
from schema.idempotency.service import Call, IdempotentRequest, Repeated
from schema.permissions import PUBLIC

described(
    UserErrorCode,
    "What is wrong with a value, for programs.",
    INVALID="It has not the form it needs.",
    REQUIRED="It is missing.",
    TOO_SHORT="It has too few characters, or items.",
    TOO_LONG="It has too many characters, or items.",
    INVALID_CREDENTIALS="Address and password do not belong together.",
    EMAIL_NOT_VERIFIED="The address has to be proven first, by the letter's link.",
    INVALID_TOKEN="It was never issued, was used before, or has expired.",  # noqa: S106  (a code)
    NOT_FOUND="It names nothing that is there, or nothing of yours.",
    NOT_ALLOWED="It is known, but cannot be done as things stand.",
    TAKEN="Another one has it already, and it has to be unique.",
    ARCHIVED="It names a product that is off sale.",
    OUT_OF_STOCK="There are not so many pieces.",
    QUOTA_EXCEEDED="More of it than one person may have.",
    IDEMPOTENCY_KEY_REUSED="The same key came before, with something else.",
)


@strawberry.type(description="A value of the input that was refused. Nothing was written.")
class UserError:
    """One fault of what the user typed."""

    field: list[str] | None = strawberry.field(
        metadata=PUBLIC, description="Where the value stands in the input; null: it is the whole input."
    )
    message: str = strawberry.field(metadata=PUBLIC, description="What to tell the user, in English.")
    code: UserErrorCode = strawberry.field(metadata=PUBLIC, description="The same for programs.")


INPUT = strawberry.argument(description="What the form asks for.")
"""The one argument of a mutation that a form is behind."""


@strawberry.input
class KeyedInput:
    """What a mutation takes that creates or owes something."""

    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Your own name for this one call, 1 to 200 characters, 16 or more with nobody signed in; the "
        "header Idempotency-Key does as well. Sent again within a day, the call does nothing and answers the same.",
    )


@strawberry.type
class Payload:
    """What every mutation answers, beside what it changed."""

    user_errors: list[UserError] = strawberry.field(
        default_factory=list, metadata=PUBLIC, description="What is wrong with the input; empty when it was taken."
    )


def user_error(fault: Fault) -> UserError:
    """A fault as GraphQL shows it."""
    return UserError(field=list(fault.field) or None, message=fault.message, code=fault.code)


Next = Callable[..., Awaitable[Any]]
"""What runs within an extension: the resolver, or another extension around it."""


class UserErrors(FieldExtension):
    """Turns InvalidInput, raised anywhere below a mutation, into a payload that holds nothing but `userErrors`.

    What the payload shows is read anew, whatever the mutations before it in the same request have read.
    """

    def __init__(self, payload: type[Payload]) -> None:
        self._payload = payload

    @override
    async def resolve_async(self, next_: Next, source: Any, info: Info[Any, Any], **kwargs: Any) -> Any:
        """Answer the payload, with errors instead of an object where the input was refused."""
        try:
            return await next_(source, info, **kwargs)
        except InvalidInput as error:
            info.context.asked.refused += [(info.field_name, fault.code) for fault in error.faults]
            return self._payload(user_errors=[user_error(fault) for fault in error.faults])
        finally:
            info.context.loaders.clear()


class Idempotent(UserErrors):
    """UserErrors for a mutation that creates or owes something: sent again with the same key, it answers the same.

    The key is the input's own, else the header's, in which case each mutation of the request has it for itself. A
    refusal is not kept: the corrected input may have the same key. The service has to write by `context.in_transaction`
    what its payload shows: the one field, or an object with an attribute for each.
    """

    @override
    async def resolve_async(self, next_: Next, source: Any, info: Info[Any, Any], **kwargs: Any) -> Any:
        """Answer the payload, now or as it was."""
        if (call := _call(info, kwargs)) is None:
            return await super().resolve_async(next_, source, info, **kwargs)
        return await super().resolve_async(partial(self._answer, next_, call), source, info, **kwargs)

    async def _answer(self, next_: Next, call: Call, source: Any, info: Info[Any, Any], **kwargs: Any) -> Any:  # noqa: ANN401
        request = await self._request(info.context, call)
        try:
            return await _once(info.context, request, partial(next_, source, info, **kwargs))
        except Repeated as repeated:
            return self._payload(**repeated.result)

    async def _request(self, context: Context, call: Call) -> IdempotentRequest:
        try:
            return await context.idempotency.request(context.viewer, call, self._shown)
        except InvalidInput as error:
            if call.field:
                raise
            raise BadUserInput(f"Idempotency-Key: {error}") from None

    def _shown(self, result: Any) -> Document:  # noqa: ANN401  # whatever a service answers
        """What the payload shows of it."""
        names = [each.name for each in dataclasses.fields(self._payload) if each.name != "user_errors"]
        return {names[0]: result} if len(names) == 1 else {name: getattr(result, name) for name in names}


def _call(info: Info[Any, Any], arguments: dict[str, Any]) -> Call | None:
    """What was sent, if it has a key."""
    form = arguments["input"]
    if isinstance(form, KeyedInput) and form.idempotency_key is not None:
        return Call(form.idempotency_key, info.field_name, arguments, field=("idempotencyKey",))
    key = info.context.client.idempotency_key
    return None if key is None else Call(key, info.field_name, arguments, place=str(info.path.key))


async def _once(context: Context, request: IdempotentRequest, run: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Run it unless it was done before: what costs much or would be refused now is not even tried."""
    await request.require_new(context.database)
    context.running.idempotent = request
    try:
        return await run()
    except DomainError:  # perhaps because the same call, sent at the same time, was quicker
        await request.require_new(context.database)
        raise
    finally:
        context.running.idempotent = None
