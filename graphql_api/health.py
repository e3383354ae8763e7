"""Whether the program lives, whether it can serve, and how everything is."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from graphql_api import vitals
from graphql_api.dependencies import SECONDS, Answer, ask, is_heard, is_writable, takes_connections
from graphql_api.services import Services
from schema.system import service as system
from settings.metrics import is_permitted
from settings.version import VERSION

LOOK_SECONDS = 2.0
"""How long what was found is told again: many may ask, and the stores shall not notice."""

MAIL_LOOK_SECONDS = 30.0
"""The same of the mail server, which logs each connection that says nothing."""


class HealthStatus(StrEnum):
    """HEALTHY: all is well. DEGRADED: requests are served, but something is amiss. UNHEALTHY: requests fail."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


def routes() -> list[Route]:
    """`/live`, `/ready` and `/health`."""
    return [Route("/live", live), Route("/ready", ready), Route("/health", Health().answer)]


async def live(_: Request) -> JSONResponse:
    """The process runs and its event loop turns; asks nobody else."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> JSONResponse:
    """200 while MongoDB takes writes and the program is not told to end; Redis is reported, not required."""
    services: Services = request.state.services
    if request.state.ending.is_of_program:
        return JSONResponse({"status": "ending"}, 503)
    mongodb, redis = await asyncio.gather(
        ask(partial(is_writable, services.database)), ask(partial(is_heard, services.doorbell), SECONDS / 4)
    )
    body = {
        "status": "ready" if mongodb.is_up else "unavailable",
        "mongodb": mongodb.shown()["status"],
        "redis": redis.shown()["status"],
    }
    return JSONResponse(body, 200 if mongodb.is_up else 503)


class Health:
    """Looks at everything, from time to time."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._found: dict[str, Any] = {}
        self._found_at = self._mail_at = float("-inf")
        self._mail = Answer(is_up=True, milliseconds=0)
        self._turn = asyncio.Lock()

    async def answer(self, request: Request) -> JSONResponse:
        """503 when unhealthy, else 200; in production only who has METRICS_TOKEN is told more than the word."""
        services: Services = request.state.services
        async with self._turn:
            if time.monotonic() - self._found_at > LOOK_SECONDS:
                self._found, self._found_at = await self._look(services), time.monotonic()
        status = 503 if self._found["status"] == HealthStatus.UNHEALTHY else 200
        sees_all = is_permitted(services.settings, request.headers.get("authorization", ""))
        shown = self._found if sees_all else {"status": self._found["status"]}
        return JSONResponse(shown, status, headers={"cache-control": "no-store"})

    async def _look(self, services: Services) -> dict[str, Any]:
        answers = await self._ask_all(services)
        workers = await _find_workers(services) if answers["mongodb"].is_up else None
        disks = await asyncio.to_thread(_look_at_disks, services)
        return {
            "status": judge(answers, workers, disks).value,
            "version": VERSION,
            "uptime_seconds": int(time.monotonic() - self._began),
            "dependencies": {name: answer.shown() for name, answer in answers.items()},
            "workers": workers,
            "memory_bytes": vitals.memory_bytes(),
            "disks": disks,
        } | vitals.machine()

    async def _ask_all(self, services: Services) -> dict[str, Answer]:
        questions: dict[str, Callable[[], Awaitable[Answer]]] = {
            "mongodb": partial(ask, partial(is_writable, services.database)),
            "redis": partial(ask, partial(is_heard, services.doorbell)),
            "smtp": partial(self._ask_mail, services.settings.smtp_url),
            "storage": partial(ask, services.storage.check),
        }
        answers = await asyncio.gather(*(question() for question in questions.values()))
        return dict(zip(questions, answers, strict=True))

    async def _ask_mail(self, url: str) -> Answer:
        if time.monotonic() - self._mail_at > (MAIL_LOOK_SECONDS if self._mail.is_up else LOOK_SECONDS):
            self._mail, self._mail_at = await ask(partial(takes_connections, url)), time.monotonic()
        return self._mail


async def _find_workers(services: Services) -> dict[str, Any] | None:
    """Those that live, added up; None: MongoDB has just gone."""
    try:
        alive = await system.find_workers(services.database)
    except PyMongoError:
        return None
    running, concurrency = (sum(worker[key] for worker in alive) for key in ("running", "concurrency"))
    return {"alive": len(alive), "running": running, "concurrency": concurrency}


def _look_at_disks(services: Services) -> dict[str, Any]:
    folders: dict[str, Path | None] = {"logs": services.settings.log_dir, "storage": services.storage.folder}
    return {name: vitals.disk(folder) for name, folder in folders.items() if folder and folder.is_dir()}


def judge(answers: dict[str, Answer], workers: dict[str, Any] | None, disks: dict[str, Any]) -> HealthStatus:
    """What all that was found comes to."""
    if not answers["mongodb"].is_up:
        return HealthStatus.UNHEALTHY
    is_well = (
        all(answer.is_up for answer in answers.values())
        and bool(workers and workers["alive"])
        and all(disk["status"] == "ok" for disk in disks.values())
    )
    return HealthStatus.HEALTHY if is_well else HealthStatus.DEGRADED
