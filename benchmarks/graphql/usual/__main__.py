"""The program: `python -m benchmarks.graphql.usual '{"port": 8000, …}'`."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import uvicorn
from fastapi import FastAPI, Request
from motor.motor_asyncio import AsyncIOMotorClient
from odmantic import AIOEngine
from strawberry.fastapi import GraphQLRouter

from benchmarks.graphql.usual import models, types
from benchmarks.graphql.usual.schema import schema


def application(told: dict[str, Any]) -> FastAPI:
    """The router of Strawberry in an application of FastAPI."""
    client: Any = AsyncIOMotorClient(told["mongodb"])
    engine = AIOEngine(client, client.get_default_database().name)
    app = FastAPI()
    app.include_router(GraphQLRouter(schema, context_getter=_context(engine, told["secret"])), prefix="/graphql")
    return app


def _context(engine: AIOEngine, secret: str) -> Callable[[Request], Awaitable[dict[str, Any]]]:
    async def context(request: Request) -> dict[str, Any]:
        return {
            "engine": engine,
            "user_id": _user_id(request, secret),
            "categories": types.loader(engine, models.Category),
            "products": types.loader(engine, models.Product),
        }

    return context


def _user_id(request: Request, secret: str) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        return None
    return str(jwt.decode(token, secret, ["HS256"], audience="postberry", issuer="postberry")["sub"])


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    uvicorn.run(application(told), host="127.0.0.1", port=told["port"], log_level="warning", access_log=False)
