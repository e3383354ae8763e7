"""The mutation convention: one `input`, one payload, and what the user typed wrongly in its `userErrors`."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types import Info
from typing_extensions import override

from schema.errors import Fault, InvalidInput, UserErrorCode
from schema.permissions import PUBLIC

strawberry.enum(UserErrorCode, description="What is wrong with a value, for programs.")


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


@strawberry.type
class Payload:
    """What every mutation answers, beside what it changed."""

    user_errors: list[UserError] = strawberry.field(
        default_factory=list, metadata=PUBLIC, description="What is wrong with the input; empty when it was taken."
    )


def user_error(fault: Fault) -> UserError:
    """A fault as GraphQL shows it."""
    return UserError(field=list(fault.field) or None, message=fault.message, code=fault.code)


class UserErrors(FieldExtension):
    """Turns InvalidInput, raised anywhere below a mutation, into a payload that holds nothing but `userErrors`.

    What the payload shows is read anew, whatever the mutations before it in the same request have read.
    """

    def __init__(self, payload: Callable[..., Any]) -> None:
        self._payload = payload

    @override
    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: Info[Any, Any],
        **kwargs: Any,
    ) -> Any:
        """Answer the payload, with errors instead of an object where the input was refused."""
        try:
            return await next_(source, info, **kwargs)
        except InvalidInput as error:
            return self._payload(user_errors=[user_error(fault) for fault in error.faults])
        finally:
            info.context.loaders.clear()
