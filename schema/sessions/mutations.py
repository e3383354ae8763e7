"""Signing in, staying so, and signing out, over GraphQL."""

from enum import StrEnum
from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.context import Context, Cookies
from schema.engine import Document
from schema.enums import described
from schema.errors import Unauthenticated
from schema.inputs import validate
from schema.nodes import GraphQLInfo, id_of
from schema.payloads import INPUT, Payload, UserErrors
from schema.permissions import PUBLIC, permitted
from schema.sessions import service
from schema.sessions.model import SignIn
from schema.sessions.service import SignedIn
from schema.sessions.types import SessionType
from schema.tokens import LIFETIME
from schema.users.types import UserType


class TokenCarrier(StrEnum):
    """In the payload, or as cookies that scripts cannot read."""

    PAYLOAD = "PAYLOAD"
    COOKIE = "COOKIE"


described(
    TokenCarrier,
    "How a client carries its tokens.",
    PAYLOAD="It takes them from the payload and keeps them itself.",
    COOKIE="The browser keeps them, as cookies that scripts cannot read.",
)


@strawberry.input(description="Who signs in.")
class UserSignInInput:
    """What `userSignIn` takes."""

    email: str = strawberry.field(description="The address of the account.")
    password: str = strawberry.field(description="Its password.")
    carrier: TokenCarrier = strawberry.field(
        default=TokenCarrier.PAYLOAD,
        description="COOKIE sets httpOnly cookies and answers no tokens; requests then need an X-CSRF-Token header.",
    )


@strawberry.input(description="What carries a session on.")
class TokenRefreshInput:
    """What `tokenRefresh` takes."""

    refresh_token: str | None = strawberry.field(
        default=None, description="The refresh token, good once; left out, it is taken from the cookie."
    )


@strawberry.input(description="A session, by the id.")
class SessionRevokeInput:
    """What `sessionRevoke` takes."""

    id: strawberry.ID = strawberry.field(
        description="The session: one of `me { sessions }`, or any for administrators."
    )


@strawberry.type(description="A session's new tokens.")
class TokenPayload(Payload):
    """What `userSignIn` and `tokenRefresh` answer."""

    access_token: str | None = strawberry.field(
        default=None, metadata=PUBLIC, description="For the Authorization header, after `Bearer `; null with cookies."
    )
    refresh_token: str | None = strawberry.field(
        default=None, metadata=PUBLIC, description="For `tokenRefresh`, once; null with cookies."
    )
    expires_in: int | None = strawberry.field(
        default=None, metadata=PUBLIC, description="Seconds until the access token expires; null when refused."
    )
    csrf_token: str | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        description="With cookies: what the X-CSRF-Token header of each request must say.",
    )
    user: Document | None = strawberry.field(
        default=None, metadata=PUBLIC, graphql_type=UserType | None, description="Who is signed in; null when refused."
    )


@strawberry.type(description="The answer to `userSignOut`.")
class UserSignOutPayload(Payload):
    """What `userSignOut` answers."""

    is_signed_out: bool = strawberry.field(default=True, metadata=PUBLIC, description="Always true.")


@strawberry.type(description="The answer to `sessionRevoke`.")
class SessionPayload(Payload):
    """What `sessionRevoke` answers."""

    session: Document | None = strawberry.field(
        default=None, metadata=PUBLIC, graphql_type=SessionType | None, description="As ended; null when refused."
    )


@strawberry.type
class SessionMutations:
    """Root fields of Mutation."""

    @strawberry.mutation(
        metadata=PUBLIC,
        extensions=[UserErrors(TokenPayload)],
        description="Begin a session. A wrong address, a wrong password, a closed account: all get the same answer.",
    )
    async def user_sign_in(self, info: GraphQLInfo, input: Annotated[UserSignInInput, INPUT]) -> TokenPayload:  # noqa: A002
        """Take, call, wrap."""
        form = validate(SignIn, {"email": input.email, "password": input.password})
        signed_in = await service.sign_in(info.context, form)
        return _tokens(info.context, signed_in, in_cookies=input.carrier is TokenCarrier.COOKIE)

    @strawberry.mutation(
        metadata=PUBLIC,
        extensions=[UserErrors(TokenPayload)],
        description="New tokens for a refresh token. One that is used twice ends its session.",
    )
    async def token_refresh(self, info: GraphQLInfo, input: Annotated[TokenRefreshInput, INPUT]) -> TokenPayload:  # noqa: A002
        """Take, call, wrap."""
        token = input.refresh_token or info.context.client.refresh_cookie
        if not token:
            raise Unauthenticated("Sign in first.")
        if not input.refresh_token:
            info.context.answer.cookies = Cookies()  # unless it is renewed, the cookie is of no more use
        signed_in = await service.refresh(info.context, token)
        return _tokens(info.context, signed_in, in_cookies=not input.refresh_token)

    @permitted(Permission.SIGNED_IN, description="End the session of this request.")
    async def user_sign_out(self, info: GraphQLInfo) -> UserSignOutPayload:
        """Take, call, wrap."""
        await service.sign_out(info.context, require(info.context.viewer, Permission.SIGNED_IN))
        info.context.answer.cookies = Cookies()
        return UserSignOutPayload()

    @permitted(Permission.SIGNED_IN, more=[UserErrors(SessionPayload)], description="End a session, on any device.")
    async def session_revoke(self, info: GraphQLInfo, input: Annotated[SessionRevokeInput, INPUT]) -> SessionPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return SessionPayload(session=await service.revoke(info.context, viewer, id_of("Session", input.id)))


def _tokens(context: Context, signed_in: SignedIn, *, in_cookies: bool) -> TokenPayload:
    seconds = int(LIFETIME.total_seconds())
    if not in_cookies:
        return TokenPayload(
            access_token=signed_in.access, refresh_token=signed_in.refresh, expires_in=seconds, user=signed_in.user
        )
    context.answer.cookies = Cookies(signed_in.access, signed_in.refresh, signed_in.csrf)
    return TokenPayload(expires_in=seconds, csrf_token=signed_in.csrf, user=signed_in.user)
