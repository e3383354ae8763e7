"""Whether the program lives, and whether it can serve."""

import asyncio

from pymongo.errors import PyMongoError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from graphql_api.services import Services
from schema.database import Database
from tasks.broker import Doorbell

SECONDS = 2.0
"""How long a store may take to answer."""


def routes() -> list[Route]:
    """`/live` and `/ready`."""
    return [Route("/live", live), Route("/ready", ready)]


async def live(_: Request) -> JSONResponse:
    """The process runs and its event loop turns; asks nobody else."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> JSONResponse:
    """200 while MongoDB takes writes and the program is not told to end; Redis is reported, not required."""
    services: Services = request.state.services
    if request.state.ending.is_of_program:
        return JSONResponse({"status": "ending"}, 503)
    writable, redis = await asyncio.gather(_is_writable(services.database), _answers(services.doorbell))
    body = {
        "status": "ready" if writable else "unavailable",
        "mongodb": "up" if writable else "down",
        "redis": "up" if redis else "down",
    }
    return JSONResponse(body, 200 if writable else 503)


async def _is_writable(database: Database) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            return bool((await database.client.admin.command("hello"))["isWritablePrimary"])
    except (PyMongoError, TimeoutError):
        return False


async def _answers(doorbell: Doorbell) -> bool:
    try:
        async with asyncio.timeout(SECONDS / 4), Redis(connection_pool=doorbell.connection_pool) as redis:
            return bool(await redis.ping())
    except (RedisError, OSError, TimeoutError):
        return False
