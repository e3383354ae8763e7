"""Who a request comes from: its token is checked, and then the database is asked what it is worth now."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Self, TypeVar

import structlog
from odmantic import ObjectId
from starlette.requests import HTTPConnection

from graphql_api.headers import header
from schema.access import Viewer
from schema.context import Client
from schema.database import Database
from schema.errors import Unauthenticated
from schema.secrets import csrf_token, unbound
from schema.sessions import service as sessions
from schema.tokens import AccessTokens, Claims, InvalidToken

ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE = "postberry_access", "postberry_refresh", "postberry_csrf"

REMEMBERED_SECONDS = 2.0
"""How long an answer of the database is believed: a revoked session or a deactivated user is out after this."""

REMEMBERED_SESSIONS = 10_000

K = TypeVar("K")
V = TypeVar("V")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client shows of itself: the Authorization header, or cookies and the token that makes them count."""

    authorization: str
    csrf: str
    cookies: Mapping[str, str]

    @classmethod
    def of(cls, connection: HTTPConnection) -> Self:
        """Those of a request, or of the handshake of a WebSocket."""
        scope = connection.scope
        authorization, csrf = header(scope, b"authorization") or "", header(scope, b"x-csrf-token") or ""
        return cls(authorization, csrf, connection.cookies if header(scope, b"cookie") else {})

    @property
    def bearer(self) -> str | None:
        """The bearer token, if one was sent; it may be empty."""
        scheme, _, token = self.authorization.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def cookie(self, name: str) -> str | None:
        """A cookie. They go along with requests from anywhere: they count beside what only our own pages can tell.

        The token of another session proves nothing of this one: a neighbouring domain can plant its own cookies.
        """
        refresh, value = self.cookies.get(REFRESH_COOKIE, ""), self.cookies.get(name)
        if not refresh or not value or not compare_digest(csrf_token(refresh).encode(), self.csrf.encode()):
            return None
        return unbound(value, refresh) if name == ACCESS_COOKIE else value


class Authenticator:
    """Turns the token of a request into the viewer it speaks for, asking the database at most every two seconds."""

    def __init__(self, database: Database, tokens: AccessTokens) -> None:
        self._database = database
        self._tokens = tokens
        self._remembered: OrderedDict[ObjectId, tuple[float, Viewer]] = OrderedDict()
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()

    async def viewer(self, credentials: Credentials) -> Viewer | None:
        """Nobody without a token; Unauthenticated for a bearer token that does not hold, and one log line why."""
        if credentials.bearer is not None:
            return await self.holder(credentials.bearer)
        try:
            cookie = credentials.cookie(ACCESS_COOKIE)
            return await self.holder(cookie) if cookie else None
        except Unauthenticated:
            return None  # the browser sends it whether it is good or not: `tokenRefresh` must be heard all the same

    async def holder(self, token: str) -> Viewer:
        """Who the token speaks for; Unauthenticated if it does not hold, and one log line why."""
        claims = self._read(token)
        viewer = self._recall(claims.session_id) or await self._identify(claims)
        if viewer is None or viewer.id != claims.user_id:
            raise _refused("its session or its account is over")
        return viewer

    def expires_at(self, token: str) -> datetime:
        """Until when the token holds by itself; Unauthenticated if it is none of ours."""
        return self._read(token).expires_at

    def forget(self, session_id: ObjectId) -> None:
        """Ask the database the next time."""
        self._remembered.pop(session_id, None)

    def _read(self, token: str) -> Claims:
        """A signature that was verified holds until the token expires; the token itself is not kept."""
        digest = hashlib.blake2b(token.encode(errors="surrogatepass")).digest()
        claims = self._claims.get(digest)
        if claims and datetime.now(UTC) < claims.expires_at:
            return claims
        try:
            claims = self._tokens.read(token)
        except InvalidToken as error:
            raise _refused(error.reason) from error
        _put(self._claims, digest, claims)
        return claims

    async def _identify(self, claims: Claims) -> Viewer | None:
        viewer = await sessions.identify(self._database, claims)
        if viewer:
            self._remember(claims.session_id, viewer)
        return viewer

    def _recall(self, session_id: ObjectId) -> Viewer | None:
        until, viewer = self._remembered.get(session_id, (0.0, None))
        return viewer if time.monotonic() < until else None

    def _remember(self, session_id: ObjectId, viewer: Viewer) -> None:
        _put(self._remembered, session_id, (time.monotonic() + REMEMBERED_SECONDS, viewer))


def _put(memory: OrderedDict[K, V], key: K, value: V) -> None:
    """As the newest; the oldest are forgotten."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > REMEMBERED_SESSIONS:
        memory.popitem(last=False)


def client(connection: HTTPConnection) -> Client:
    """The program at the other end."""
    scope = connection.scope
    address = scope["client"][0] if scope.get("client") else ""
    has_cookies = header(scope, b"cookie") is not None
    cookie = Credentials.of(connection).cookie(REFRESH_COOKIE) if has_cookies else None
    is_anonymous = not has_cookies and header(scope, b"authorization") is None
    device, key = header(scope, b"user-agent") or "", header(scope, b"idempotency-key")
    return Client(address, device, cookie, key, is_anonymous)


def _refused(reason: str) -> Unauthenticated:
    log.warning("token refused", reason=reason)
    return Unauthenticated("Sign in again.")
