import pytest
from odmantic import ObjectId

from schema.jobs.messages import Email, Message, SignUpEmail
from schema.jobs.service import Claim
from tasks.errors import PermanentError
from tasks.handlers import Handler, dispatch
from tests.support.jobs import ORDERED, WELCOME

pytestmark = pytest.mark.anyio

CLAIM = Claim({"_id": ObjectId()}, token="")


def _noting(done: list[str], name: str) -> Handler:
    async def handle(_claim: Claim, _message: Message) -> None:
        done.append(name)

    return handle


async def test_the_handler_of_the_nearest_class_does_it() -> None:
    done: list[str] = []
    handle = dispatch({Message: _noting(done, "any"), Email: _noting(done, "e-mail"), SignUpEmail: _noting(done, "hi")})
    await handle(CLAIM, WELCOME)
    await handle(CLAIM, ORDERED)
    assert done == ["hi", "e-mail"]


async def test_a_message_that_nobody_handles_fails_for_good() -> None:
    handle = dispatch({SignUpEmail: _noting([], "hi")})
    with pytest.raises(PermanentError, match="no handler for OrderConfirmationEmail"):
        await handle(CLAIM, ORDERED)
