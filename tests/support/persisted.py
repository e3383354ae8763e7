"""Requests that name their document."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.support.application import Client
from tests.support.sockets import JOB_UPDATED

PREFLIGHT = {"GraphQL-Require-Preflight": "1"}
TRUSTED = {
    "products": "query Shop($first: Int) {products(first: $first) {nodes {id}}}",
    "cd4abbcc0c34ab5c9a4e9b5a3b5e1b0e": "mutation($i:UserSignUpInput!){userSignUp(input:$i){job{id}}}",
    "schema": "{__schema{queryType{name}}}",
    "watch": JOB_UPDATED,
}


def digest(text: str) -> str:
    """Its hash, as clients send it."""
    return hashlib.sha256(text.encode()).hexdigest()


def by_hash(text: str) -> dict[str, Any]:
    """A request that names this document."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}}


def with_hash(text: str) -> dict[str, Any]:
    """The one that follows, if it was not known."""
    return by_hash(text) | {"query": text}


async def send(client: Client, request: dict[str, Any], **headers: str) -> httpx.Response:
    """Send it as it is."""
    named = {"authorization": f"Bearer {client.token}"} if client.token else {}
    return await client.http.post("/graphql", json=request, headers=named | headers)


async def get(client: Client, request: dict[str, Any], **headers: str) -> httpx.Response:
    """The same by GET."""
    shown = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in request.items()}
    return await client.http.get("/graphql", params=shown, headers=PREFLIGHT | headers)


def codes(response: httpx.Response) -> list[str]:
    """The codes of its errors."""
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


def written(folder: Path, content: Any = TRUSTED) -> Path:  # noqa: ANN401  (bad files hold anything)
    """A file of trusted documents."""
    path = folder / "documents.json"
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path
