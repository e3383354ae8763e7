"""Who a WebSocket speaks for: its token is looked at again for as long as the socket is open."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, NoReturn

from starlette.websockets import WebSocket

from graphql_api.auth import ACCESS_COOKIE, Authenticator, Credentials
from graphql_api.services import Services
from graphql_api.subprotocol import CloseCode, CloseSocket
from schema.access import Viewer
from schema.changes import Changes, patiently
from schema.errors import Unauthenticated
from schema.sessions.model import Session
from schema.times import utc_now
from schema.tokens import LEEWAY
from schema.users.model import User

LONGEST_UNCHECKED = 15.0
"""Seconds after which a token is looked at again though nobody told of a change."""


class Identity:
    """The viewer of one socket, and the token that proves it."""

    def __init__(self, authenticator: Authenticator, token: str, viewer: Viewer) -> None:
        self.viewer = viewer
        self._authenticator = authenticator
        self._token = token
        self._ends_at: datetime = authenticator.expires_at(token) + LEEWAY

    async def check(self) -> None:
        """CloseSocket once the token no longer holds, or its holder may something else than when it was shown."""
        if self._remaining() <= 0:
            raise CloseSocket(CloseCode.FORBIDDEN, "token expired")
        try:
            viewer = await patiently(partial(self._authenticator.holder, self._token))
        except Unauthenticated as error:
            raise CloseSocket(CloseCode.FORBIDDEN, "session ended") from error
        if viewer != self.viewer:
            raise CloseSocket(CloseCode.FORBIDDEN, "access changed")

    async def watch(self, changes: Changes) -> NoReturn:
        """Check at each change of the session or the account, and when the token expires."""
        with changes.listen((Session, self.viewer.session_id), (User, self.viewer.id)) as changed:
            while True:
                changed.clear()
                self._authenticator.forget(self.viewer.session_id)
                await self.check()
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(LONGEST_UNCHECKED, self._remaining())):
                        await changed.wait()

    def _remaining(self) -> float:
        return (self._ends_at - utc_now()).total_seconds()


async def identify(websocket: WebSocket, parameters: Mapping[str, Any]) -> Identity | None:
    """Who opened the socket; None: nobody who is signed in. CloseSocket for a token that does not hold."""
    services: Services = websocket.state.services
    token = _token(_credentials(websocket, parameters))
    if token is None:
        return None
    try:
        return Identity(services.authenticator, token, await services.authenticator.holder(token))
    except Unauthenticated as refusal:
        raise CloseSocket(CloseCode.FORBIDDEN, str(refusal)) from refusal


def _token(credentials: Credentials) -> str | None:
    """The bearer token; else, where they were meant to count, the cookie, or what is no token in its place."""
    if credentials.bearer is not None:
        return credentials.bearer
    return (credentials.cookie(ACCESS_COOKIE) or "") if credentials.csrf else None


def _credentials(websocket: WebSocket, parameters: Mapping[str, Any]) -> Credentials:
    """The headers, which browsers cannot set, or in their place parameters of the same names."""
    shown = Credentials.of(websocket)
    given = {name.lower(): value for name, value in parameters.items() if isinstance(value, str)}
    csrf = given.get("csrftoken") or given.get("x-csrf-token") or shown.csrf
    return Credentials(given.get("authorization", shown.authorization), csrf, websocket.cookies)
