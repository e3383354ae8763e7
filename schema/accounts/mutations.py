"""Opening an account, proving its address, and changing its password, over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.accounts import service
from schema.accounts.model import PasswordChange, PasswordReset, PasswordResetRequest, SignUp, Verification
from schema.engine import Document
from schema.inputs import validate
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo
from schema.payloads import INPUT, Idempotent, KeyedInput, Payload, UserErrors
from schema.permissions import PUBLIC, permitted


@strawberry.input(description="A new account.")
class UserSignUpInput(KeyedInput):
    """What `userSignUp` takes."""

    email: str = strawberry.field(description="The address letters go to; one account for each.")
    password: str = strawberry.field(description="8 to 128 characters of any kind.")
    name: str = strawberry.field(description="How letters address the person: one line, 1 to 100 characters.")


@strawberry.input(description="Proof of an address.")
class EmailVerifyInput:
    """What `emailVerify` takes."""

    token: str = strawberry.field(description="From the link of the welcome letter; good once, for two days.")


@strawberry.input(description="A forgotten password.")
class PasswordResetRequestInput(KeyedInput):
    """What `passwordResetRequest` takes."""

    email: str = strawberry.field(description="The address of the account.")


@strawberry.input(description="A new password for a forgotten one.")
class PasswordResetInput(KeyedInput):
    """What `passwordReset` takes."""

    token: str = strawberry.field(description="From the link of the letter; good once, for an hour.")
    password: str = strawberry.field(description="8 to 128 characters of any kind.")


@strawberry.input(description="A new password for the one that is.")
class PasswordChangeInput(KeyedInput):
    """What `passwordChange` takes."""

    current_password: str = strawberry.field(description="The password until now.")
    password: str = strawberry.field(description="8 to 128 characters of any kind.")


@strawberry.type(description="The answer to `userSignUp`: the same whether or not the address has an account.")
class UserSignUpPayload(Payload):
    """What `userSignUp` answers."""

    job: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=JobType | None,
        description="The letter that is on its way; null when refused.",
    )


@strawberry.type(description="The answer to `emailVerify`.")
class EmailVerifyPayload(Payload):
    """What `emailVerify` answers."""

    is_verified: bool = strawberry.field(
        default=False, metadata=PUBLIC, description="Whether the address is proven now."
    )


@strawberry.type(
    description="The answer to `passwordResetRequest`: the same whether or not the address has an account."
)
class PasswordResetRequestPayload(Payload):
    """What `passwordResetRequest` answers."""


@strawberry.type(description="The answer to a change of password.")
class PasswordPayload(Payload):
    """What `passwordReset` and `passwordChange` answer."""

    job: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=JobType | None,
        description="The letter that says so, on its way; null when refused.",
    )


@strawberry.type
class AccountMutations:
    """Root fields of Mutation."""

    @strawberry.mutation(
        metadata=PUBLIC,
        extensions=[Idempotent(UserSignUpPayload)],
        description="Open an account. The address gets a letter: a welcome, or word that it has an account already.",
    )
    async def user_sign_up(self, info: GraphQLInfo, input: Annotated[UserSignUpInput, INPUT]) -> UserSignUpPayload:  # noqa: A002
        """Take, call, wrap."""
        return UserSignUpPayload(job=await service.sign_up(info.context, validate(SignUp, vars(input))))

    @strawberry.mutation(
        metadata=PUBLIC,
        extensions=[UserErrors(EmailVerifyPayload)],
        description="Prove that the account's address is yours.",
    )
    async def email_verify(self, info: GraphQLInfo, input: Annotated[EmailVerifyInput, INPUT]) -> EmailVerifyPayload:  # noqa: A002
        """Take, call, wrap."""
        await service.verify_email(info.context, validate(Verification, vars(input)))
        return EmailVerifyPayload(is_verified=True)

    @strawberry.mutation(
        metadata=PUBLIC,
        extensions=[Idempotent(PasswordResetRequestPayload)],
        description="Ask for a letter with a link to a new password. It is sent where there is an account.",
    )
    async def password_reset_request(
        self,
        info: GraphQLInfo,
        input: Annotated[PasswordResetRequestInput, INPUT],  # noqa: A002
    ) -> PasswordResetRequestPayload:
        """Take, call, wrap."""
        await service.request_password_reset(info.context, validate(PasswordResetRequest, vars(input)))
        return PasswordResetRequestPayload()

    @strawberry.mutation(
        metadata=PUBLIC,
        extensions=[Idempotent(PasswordPayload)],
        description="Set a new password by a letter's link. Every session of the account ends.",
    )
    async def password_reset(self, info: GraphQLInfo, input: Annotated[PasswordResetInput, INPUT]) -> PasswordPayload:  # noqa: A002
        """Take, call, wrap."""
        return PasswordPayload(job=await service.reset_password(info.context, validate(PasswordReset, vars(input))))

    @permitted(
        Permission.SIGNED_IN,
        more=[Idempotent(PasswordPayload)],
        description="Change your password. Every session of the account ends, this one too.",
    )
    async def password_change(self, info: GraphQLInfo, input: Annotated[PasswordChangeInput, INPUT]) -> PasswordPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        form = validate(PasswordChange, vars(input))
        return PasswordPayload(job=await service.change_password(info.context, viewer, form))
