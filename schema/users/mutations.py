"""What may be done with an account, over GraphQL."""

from typing import Annotated

import strawberry

from schema.engine import Document
from schema.inputs import validate
from schema.jobs.types import JobType
from schema.nodes import GraphQLInfo
from schema.payloads import UserError, UserErrors
from schema.users import service
from schema.users.model import SignUp


@strawberry.input(description="A new account.")
class UserSignUpInput:
    """What `userSignUp` takes."""

    email: str = strawberry.field(description="The address letters go to; one account for each.")
    password: str = strawberry.field(description="8 to 128 characters of any kind.")
    name: str = strawberry.field(description="How letters address the person: one line, 1 to 100 characters.")


@strawberry.type(description="The answer to `userSignUp`: the same whether or not the address has an account.")
class UserSignUpPayload:
    """What `userSignUp` answers."""

    job: Document | None = strawberry.field(
        default=None, graphql_type=JobType | None, description="The letter that is on its way; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="What is wrong with the input.")


@strawberry.type
class UserMutations:
    """Root fields of Mutation."""

    @strawberry.mutation(
        description="Open an account. The address gets a letter: a welcome, or word that it has an account already.",
        extensions=[UserErrors(UserSignUpPayload)],
    )
    async def user_sign_up(
        self,
        info: GraphQLInfo,
        input: Annotated[UserSignUpInput, strawberry.argument(description="The new account.")],  # noqa: A002
    ) -> UserSignUpPayload:
        """Take, call, wrap."""
        job = await service.sign_up(info.context, validate(SignUp, vars(input)))
        return UserSignUpPayload(job=job)
