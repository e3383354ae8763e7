"""Whether users who ask at the same time ever get what is another's, wherever their requests are suspended."""

import asyncio
import inspect
import random
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from odmantic import ObjectId
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import SchemaExtension
from typing_extensions import override

from graphql_api import endpoint
from graphql_api.app import create_app
from graphql_api.auth import CSRF_COOKIE
from graphql_api.schema import create_schema
from settings.config import Settings
from tests.support.application import Client, Collections, credentials, serving
from tests.support.sockets import listening

pytestmark = pytest.mark.anyio

USERS, ROUNDS = 100, 6
DICE = random.Random(1)  # noqa: S311  # no secret: dice that can be thrown again

SIGN_IN = "mutation($input: UserSignInInput!) { userSignIn(input: $input) { csrfToken user { email } } }"
REFRESH = "mutation { tokenRefresh(input: {}) { csrfToken user { email } } }"
RENAME = "mutation($name: String!) { userUpdate(input: {name: $name}) { user { email name } } }"
ME = 'query { me { user { email name } } job(id: "none") { id } }'


async def _suspend() -> None:
    """Let others go first, once or many times."""
    await asyncio.sleep(DICE.choice([0, 0, 0.001, 0.01]))


class _Suspending(SchemaExtension):
    """Suspends each field before and after its resolver."""

    @override
    async def resolve(self, _next: Callable[..., Any], root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        await _suspend()
        result = _next(root, info, *args, **kwargs)
        value = await result if inspect.isawaitable(result) else result
        await _suspend()
        return value


class _Suspended:
    """Suspends each request before it is seen, whenever its body is read, and before each part of its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            await _suspend()
            return await receive()

        async def sent(message: Message) -> None:
            await _suspend()
            await send(message)

        await _suspend()
        await self._app(scope, received, sent)


def _suspending(settings: Settings) -> FastAPI:
    """The application; its resolvers, and what is around it, are suspended."""
    schema, app = create_schema(), create_app(settings)
    schema.extensions = (*schema.extensions, _Suspending)
    app.router.routes[:0] = endpoint.routes(schema, with_graphiql=False)
    app.add_middleware(_Suspended)
    return app


class _User:
    """One browser, with its own cookies, that looks at each answer for what is not its own."""

    def __init__(self, http: httpx.AsyncClient, number: int) -> None:
        self._client = Client(http)
        self._name = _name(number)
        self._email = f"{self._name}@example.com"
        self._asked = 0

    async def sign_in(self) -> None:
        """A session by cookies."""
        payload = await self._ask(SIGN_IN, {"input": credentials(email=self._email, carrier="COOKIE")}, is_new=True)
        self._took(payload["userSignIn"])

    async def go_on(self) -> None:
        """Whatever users do."""
        for _ in range(ROUNDS):
            await DICE.choice([self._look, self._look, self._rename, self._refresh])()

    async def _look(self) -> None:
        data = await self._ask(ME, codes=["BAD_USER_INPUT"])
        assert data["me"]["user"] == {"email": self._email, "name": self._name}

    async def _rename(self) -> None:
        data = await self._ask(RENAME, {"name": self._name})
        assert data["userUpdate"]["user"] == {"email": self._email, "name": self._name}

    async def _refresh(self) -> None:
        self._took((await self._ask(REFRESH, is_new=True))["tokenRefresh"])

    def _took(self, payload: dict[str, Any]) -> None:
        """The cookies of the answer are those its body tells of."""
        assert payload == {"csrfToken": self._client.http.cookies[CSRF_COOKIE], "user": {"email": self._email}}

    async def _ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        codes: list[str] | None = None,
        *,
        is_new: bool = False,
    ) -> dict[str, Any]:
        """The data of an answer whose headers, cookies, request id and errors are of this request."""
        self._asked += 1
        request_id = f"{self._name}-{self._asked}"
        csrf = self._client.http.cookies.get(CSRF_COOKIE) or ""
        response = await self._client.post(query, variables, x_request_id=request_id, x_csrf_token=csrf)
        assert (response.status_code, response.headers["x-request-id"]) == (200, request_id)
        assert len(response.headers.get_list("set-cookie")) == (3 if is_new else 0)
        errors = [error["extensions"] for error in response.json().get("errors", [])]
        assert sorted(error["code"] for error in errors) == (codes or [])
        assert {error["requestId"] for error in errors} <= {request_id}
        others = response.text.replace(self._name, "")
        assert "user-" not in others
        return dict(response.json()["data"])


def _name(number: int) -> str:
    return f"user-{number:04}"


async def _sign_up(settings: Settings, collections: Collections) -> None:
    """Accounts of all, with one password, so that it is hashed once."""
    async with serving(settings) as client:
        await client.sign_up()
    first = await collections.users.find_one_and_delete({}) or {}
    emails = [f"{_name(number)}@example.com" for number in range(USERS)]
    own = [{"_id": ObjectId(), "email": email, "email_key": email, "name": email.partition("@")[0]} for email in emails]
    await collections.users.insert_many([first | each for each in own])


async def test_no_answer_carries_what_is_anothers(settings: Settings, collections: Collections) -> None:
    await _sign_up(settings, collections)
    settings = settings.model_copy(update={"rate_limit_enabled": False, "query_timeout": 120})
    trust = ssl.create_default_context()
    async with listening(settings, _suspending(settings)) as url, AsyncExitStack() as browsers:
        options: dict[str, Any] = {"base_url": url, "timeout": 120, "verify": trust}
        https = [await browsers.enter_async_context(httpx.AsyncClient(**options)) for _ in range(USERS)]
        users = [_User(http, number) for number, http in enumerate(https)]
        await asyncio.gather(*(user.sign_in() for user in users))
        await asyncio.gather(*(user.go_on() for user in users))
