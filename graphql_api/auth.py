"""Who a request comes from: its token is checked, and then the database is asked what it is worth now."""

import time
from collections import OrderedDict
from hmac import compare_digest

import structlog
from odmantic import ObjectId
from starlette.requests import Request

from schema.access import Viewer
from schema.context import Client
from schema.database import Database
from schema.errors import Unauthenticated
from schema.secrets import csrf_token
from schema.sessions import service as sessions
from schema.tokens import AccessTokens, Claims, InvalidToken

ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE = "postberry_access", "postberry_refresh", "postberry_csrf"

REMEMBERED_SECONDS = 2.0
"""How long an answer of the database is believed: a revoked session or a deactivated user is out after this."""

REMEMBERED_SESSIONS = 10_000

log = structlog.get_logger(__name__)


class Authenticator:
    """Turns the token of a request into the viewer it speaks for, asking the database at most every two seconds."""

    def __init__(self, database: Database, tokens: AccessTokens) -> None:
        self._database = database
        self._tokens = tokens
        self._remembered: OrderedDict[ObjectId, tuple[float, Viewer]] = OrderedDict()

    async def viewer(self, request: Request) -> Viewer | None:
        """Nobody without a token; Unauthenticated for a bearer token that does not hold, and one log line why."""
        bearer = _bearer(request)
        if bearer is not None:
            return await self._holder(bearer)
        try:
            cookie = _access_cookie(request)
            return await self._holder(cookie) if cookie else None
        except Unauthenticated:
            return None  # the browser sends it whether it is good or not: `tokenRefresh` must be heard all the same

    async def _holder(self, token: str) -> Viewer:
        try:
            claims = self._tokens.read(token)
        except InvalidToken as error:
            raise _refused(error.reason) from error
        viewer = self._recall(claims.session_id) or await self._identify(claims)
        if viewer is None or viewer.id != claims.user_id:
            raise _refused("its session or its account is over")
        return viewer

    async def _identify(self, claims: Claims) -> Viewer | None:
        viewer = await sessions.identify(self._database, claims)
        if viewer:
            self._remember(claims.session_id, viewer)
        return viewer

    def _recall(self, session_id: ObjectId) -> Viewer | None:
        until, viewer = self._remembered.get(session_id, (0.0, None))
        return viewer if time.monotonic() < until else None

    def _remember(self, session_id: ObjectId, viewer: Viewer) -> None:
        self._remembered[session_id] = (time.monotonic() + REMEMBERED_SECONDS, viewer)
        self._remembered.move_to_end(session_id)
        if len(self._remembered) > REMEMBERED_SESSIONS:
            self._remembered.popitem(last=False)


def client(request: Request) -> Client:
    """The program at the other end."""
    address = request.client.host if request.client else ""
    cookie = request.cookies.get(REFRESH_COOKIE) if _cookies_count(request) else None
    return Client(address, request.headers.get("user-agent", ""), cookie)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _access_cookie(request: Request) -> str | None:
    return request.cookies.get(ACCESS_COOKIE) if _cookies_count(request) else None


def _cookies_count(request: Request) -> bool:
    """Cookies go along with requests from anywhere: they count beside the header that only our own pages can set."""
    refresh, shown = request.cookies.get(REFRESH_COOKIE), request.headers.get("x-csrf-token", "")
    return bool(refresh) and compare_digest(csrf_token(refresh or "").encode(), shown.encode())


def _refused(reason: str) -> Unauthenticated:
    log.warning("token refused", reason=reason)
    return Unauthenticated("Sign in again.")
