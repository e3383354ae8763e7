"""Postberry itself, for the tests: inside the test's process, and as the two programs an operator runs."""

import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from starlette.types import Receive, Scope, Send

from graphql_api.app import create_app
from schema.database import Database, connect
from settings.config import Settings
from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.worker import environment, running_worker

Collections = AsyncDatabase[dict[str, Any]]
"""The database as its documents are kept."""

SIGN_IN = """
mutation SignIn($input: UserSignInInput!) {
  userSignIn(input: $input) {
    accessToken refreshToken expiresIn csrfToken user { id email role } userErrors { field message code }
  }
}
"""
SIGN_UP = """
mutation SignUp($input: UserSignUpInput!) {
  userSignUp(input: $input) {
    job { id kind status requestId createdAt finishedAt attempts { number } }
    userErrors { field message code }
  }
}
"""


@dataclass(frozen=True)
class Client:
    """A client of the API, inside or outside of the test's process."""

    http: httpx.AsyncClient
    token: str | None = None

    async def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Send one operation; headers are named as `x_request_id`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named = {"authorization": f"Bearer {self.token}"} | named
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=named)

    async def sign_up(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
        """The payload of a sign-up: Ada's, with these changes."""
        response = await self.post(SIGN_UP, {"input": ada(**changes)})
        return dict(response.json()["data"]["userSignUp"])

    async def sign_in(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
        """The payload of a sign-in: Ada's, with these changes."""
        response = await self.post(SIGN_IN, {"input": credentials(**changes)})
        return dict(response.json()["data"]["userSignIn"])

    async def signed_up(self, **changes: Any) -> "Client":  # noqa: ANN401  # whatever a form takes
        """A client signed in as a new user: Ada, with these changes."""
        await self.sign_up(**changes)
        return await self.signed_in(**{name: value for name, value in changes.items() if name != "name"})

    async def signed_in(self, **changes: Any) -> "Client":  # noqa: ANN401  # whatever a form takes
        """A client that sends Ada's access token, with these changes, beside this one."""
        return Client(self.http, (await self.sign_in(**changes))["accessToken"])

    async def data(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = (await self.post(query, variables)).json()
        assert "errors" not in answer, answer
        return dict(answer["data"])

    async def codes(self, query: str, variables: dict[str, Any] | None = None) -> list[str]:
        """The codes of an answer's top-level errors."""
        answer = (await self.post(query, variables)).json()
        return [error["extensions"]["code"] for error in answer.get("errors", [])]


def told(response: httpx.Response) -> str:
    """The text of an answer but for what is left of the client's budget, which the time decides."""
    return re.sub(r'"available":\d+', "", response.text)


def credentials(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    """What Ada types into the sign-in form, with these changes."""
    return {"email": "ada@example.com", "password": "correct horse"} | changes


def ada(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # bad input is of any type
    """What Ada types into the sign-up form, with these changes."""
    return {"email": "ada@example.com", "password": "correct horse", "name": "Ada"} | changes


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Client]:
    """The API within the test: its lifespan run, every request through all of its layers."""
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield Client(http)


@contextmanager
def running_api(
    settings: Settings, port: int = 0, python: str | Path = sys.executable, folder: Path | None = None
) -> Iterator[Server]:
    """`python -m graphql_api`, once it is ready, in this folder and on this port, by default one of its own."""
    port = port or free_port()
    console = settings.log_dir.parent / f"api-{port}.log"
    process = spawn([python, "-m", "graphql_api"], console, environment(settings) | {"PORT": str(port)}, folder)
    with Server(f"http://127.0.0.1:{port}", process).await_start(
        lambda: "api ready" in console.read_text() and accepts(port), console
    ) as api:
        yield api


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[Database]:
    """The database of this test, as the programs reach it."""
    database = await connect(mongodb_url, app_name="tests")
    yield database
    await database.close()


@pytest.fixture
async def collections(mongodb_url: str) -> AsyncIterator[Collections]:
    """What the API reads and writes, as it is kept."""
    async with AsyncMongoClient[dict[str, Any]](mongodb_url, tz_aware=True) as mongodb:
        yield mongodb.get_default_database()


@pytest.fixture
def api(settings: Settings) -> Iterator[Server]:
    """The first program, run as an operator runs it."""
    with running_api(settings) as server:
        yield server


@pytest.fixture
def worker(settings: Settings) -> Iterator[Server]:
    """The second program, run as an operator runs it."""
    with running_worker(settings) as server:
        yield server


@pytest.fixture
async def client(api: Server) -> AsyncIterator[Client]:
    """A client of the first program; `tests/graphql_api` has one of the application within the test."""
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as http:
        yield Client(http)
