"""What may be done with an account by its owner, or by an administrator, over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission, Role, require
from schema.engine import Document
from schema.inputs import validate
from schema.nodes import GraphQLInfo, id_of
from schema.payloads import Payload, UserErrors
from schema.permissions import PUBLIC, permitted
from schema.users import service
from schema.users.model import UserChanges
from schema.users.types import UserType


@strawberry.input(description="What people change about themselves.")
class UserUpdateInput:
    """What `userUpdate` takes."""

    name: str = strawberry.field(description="How letters address the person: one line, 1 to 100 characters.")


@strawberry.input(description="A role for a user.")
class UserRoleSetInput:
    """What `userRoleSet` takes."""

    id: strawberry.ID = strawberry.field(description="The user.")
    role: Role = strawberry.field(description="The role they get.")


@strawberry.input(description="A user, by the id.")
class UserIdInput:
    """What `userDeactivate` and `userRestore` take."""

    id: strawberry.ID = strawberry.field(description="The user.")


@strawberry.type(description="The answer to a change of a user.")
class UserPayload(Payload):
    """What the mutations here answer."""

    user: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=UserType | None,
        description="The user as changed; null when refused.",
    )


INPUT = strawberry.argument(description="What to change.")


@strawberry.type
class UserMutations:
    """Root fields of Mutation."""

    @permitted(Permission.SIGNED_IN, more=[UserErrors(UserPayload)], description="Change your own account.")
    async def user_update(self, info: GraphQLInfo, input: Annotated[UserUpdateInput, INPUT]) -> UserPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return UserPayload(user=await service.update(info.context.database, viewer, validate(UserChanges, vars(input))))

    @permitted(Permission.USERS_MANAGE, more=[UserErrors(UserPayload)], description="Give a user another role.")
    async def user_role_set(self, info: GraphQLInfo, input: Annotated[UserRoleSetInput, INPUT]) -> UserPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.USERS_MANAGE)
        user_id = id_of("User", input.id)
        return UserPayload(user=await service.set_role(info.context.database, viewer, user_id, input.role))

    @permitted(
        Permission.USERS_MANAGE,
        more=[UserErrors(UserPayload)],
        description="Shut a user out, at once and everywhere; nothing of theirs is deleted.",
    )
    async def user_deactivate(self, info: GraphQLInfo, input: Annotated[UserIdInput, INPUT]) -> UserPayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.USERS_MANAGE)
        return UserPayload(user=await service.deactivate(info.context.database, viewer, id_of("User", input.id)))

    @permitted(
        Permission.USERS_MANAGE,
        more=[UserErrors(UserPayload)],
        description="Let a deactivated user sign in again.",
    )
    async def user_restore(self, info: GraphQLInfo, input: Annotated[UserIdInput, INPUT]) -> UserPayload:  # noqa: A002
        """Take, call, wrap."""
        return UserPayload(user=await service.restore(info.context.database, id_of("User", input.id)))
