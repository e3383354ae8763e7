"""`make smoke URL=https://api.example.com MAIL=you@example.com`: a walk through a deployment, a line for each step.

It signs up a new account, `you+smoke-…@example.com`, waits until its letter is sent, orders something and cancels the
order. Exit status 0: every step worked; 1: one did not, and its line says how; 2: called wrongly.
"""

import asyncio
import os
import sys
import time
import uuid

import httpx
from websockets.exceptions import WebSocketException

from tests.smoke.walk import STEPS, Failure, Visit

_SECONDS = 120
_PASSWORD = "smoke " + uuid.uuid4().hex


def main() -> int:
    """0 when the deployment works."""
    url, mail = os.environ.get("URL", "").rstrip("/"), os.environ.get("MAIL", "")
    if not url.startswith(("http://", "https://")) or mail.count("@") != 1:
        return _say("Say it as in: make smoke URL=https://api.example.com MAIL=you@example.com", status=2)
    return asyncio.run(_walk(url, mail))


async def _walk(url: str, mail: str) -> int:
    name, _, domain = mail.partition("@")
    address = f"{name}+smoke-{uuid.uuid4().hex[:8]}@{domain}"
    title = ""
    try:
        async with asyncio.timeout(_SECONDS), httpx.AsyncClient(base_url=url, timeout=30) as http:
            visit = Visit(http, url, address, _PASSWORD)
            for title, step in STEPS:
                began = time.monotonic()
                said = await step(visit)
                _say(f"{title:<44}{(time.monotonic() - began) * 1000:>8.0f} ms   {said}")
    except (Failure, TimeoutError, httpx.HTTPError, WebSocketException, OSError) as error:
        return _say(f"{title}: FAILED, {error!r}", status=1)
    return _say("It works.")


def _say(text: str, *, status: int = 0) -> int:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
