"""Access tokens: short-lived JWTs that say who is asking, and in which session. They carry no rights."""

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import jwt
from odmantic import ObjectId
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from schema.times import utc_now

LIFETIME = timedelta(minutes=15)
"""How long an access token is valid; one that claims more is refused, whoever signed it."""

LEEWAY = timedelta(seconds=5)
"""How far the clocks of two machines may be apart."""

LONGEST = 2_048
"""Characters of a token that are looked at: ours have some 400."""

SHORTEST_SECRET = 32

_ALGORITHM = "HS256"
_NAME = "postberry"
_HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
"""{"alg":"HS256","typ":"JWT"}: a token with any other header is none of ours, so what it says is not even parsed."""

_FORM = re.compile(rf"{_HEADER}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048]")
"""The last character of 32 bytes carries four bits: only these 16 are canonical, so no token has a second spelling."""

_Id = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]
_Seconds = Annotated[int, Field(ge=0)]


class InvalidToken(Exception):  # noqa: N818  # named as the other errors a client may cause
    """A token that is refused. The reason is for one log line, never for the client."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says. Whether the user and the session are still welcome is for the database to say."""

    user_id: ObjectId
    session_id: ObjectId
    expires_at: datetime


class _Payload(BaseModel):
    """The claims beside `iss` and `aud`, which PyJWT requires, as it does that the times hold now.

    Unknown ones are ignored, so that two releases can run side by side.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    type: Literal["access"]
    sub: _Id
    sid: _Id
    jti: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    iat: _Seconds
    nbf: _Seconds
    exp: _Seconds

    @model_validator(mode="after")
    def _lives_no_longer_than_it_may(self) -> "_Payload":
        if self.exp - self.iat > LIFETIME.total_seconds() or self.nbf != self.iat:
            raise ValueError("lives too long, or from another time")
        return self


class AccessTokens:
    """Issues and reads access tokens.

    `secret` signs and verifies; `previous`, the secret before it, only verifies: keep it for 15 minutes after a change.
    """

    def __init__(self, secret: str, previous: str | None = None) -> None:
        self._secrets = (secret, previous) if previous else (secret,)
        if min(map(len, self._secrets)) < SHORTEST_SECRET:
            raise ValueError(f"a secret must have {SHORTEST_SECRET} characters or more")
        for each in self._secrets:
            jwt.encode({}, each, _ALGORITHM)  # what PyJWT takes for a public key, it refuses now and not at a sign-in

    def issue(self, user_id: ObjectId, session_id: ObjectId) -> str:
        """A token that is valid for 15 minutes from now."""
        now = utc_now()
        who = {"sub": str(user_id), "sid": str(session_id), "type": "access", "jti": secrets.token_hex(16)}
        when = {"iat": now, "nbf": now, "exp": now + LIFETIME}
        return jwt.encode({"iss": _NAME, "aud": _NAME, **who, **when}, self._secrets[0], _ALGORITHM)

    def read(self, token: str) -> Claims:
        """What a valid token says.

        Raises:
            InvalidToken: it is forged, expired or no access token of ours. No text makes it raise anything else.
        """
        _require_form(token)
        try:
            payload = _Payload.model_validate(self._verified(token))
        except jwt.InvalidTokenError as error:
            raise InvalidToken(f"{type(error).__name__}: {error}") from error
        except ValidationError as error:
            raise InvalidToken(_explain(error)) from error
        return Claims(ObjectId(payload.sub), ObjectId(payload.sid), datetime.fromtimestamp(payload.exp, UTC))

    def _verified(self, token: str) -> dict[str, object]:
        for secret in self._secrets:
            with suppress(jwt.InvalidSignatureError):
                return _decode(token, secret)
        raise jwt.InvalidSignatureError("signed with no secret of ours")


def _require_form(token: str) -> None:
    if not isinstance(token, str):
        raise InvalidToken("not a string")
    if len(token) > LONGEST:
        raise InvalidToken("too long")
    if not _FORM.fullmatch(token):
        raise InvalidToken("not of the form of our tokens")


def _decode(token: str, secret: str) -> dict[str, object]:
    return jwt.decode(
        token,
        secret,
        algorithms=[_ALGORITHM],
        audience=_NAME,
        issuer=_NAME,
        leeway=LEEWAY,
        options={"strict_aud": True},
    )


def _explain(error: ValidationError) -> str:
    """Which claims are wrong, without their values: nobody controls what is logged."""
    names = {str(fault["loc"][0]) if fault["loc"] else "exp - iat" for fault in error.errors()}
    return f"claims not as ours: {', '.join(sorted(names))}"
