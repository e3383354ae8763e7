"""What may be asked about users."""

from typing import Annotated

import strawberry

from schema.access import Permission, Role
from schema.connections import Connection, Paginated
from schema.inputs import validate_argument
from schema.nodes import GraphQLInfo
from schema.pages import Page, PageArguments
from schema.permissions import permitted
from schema.users import service
from schema.users.model import UserFilter
from schema.users.types import UserType


@strawberry.input(name="UserWhere", description="Which users; all conditions together.")
class UserWhere:
    """What `users` filters by."""

    email_starts_with: str | None = strawberry.field(default=None, description="How the address begins, in any case.")
    role: Role | None = strawberry.field(default=None, description="With this role.")
    is_deactivated: bool | None = strawberry.field(default=None, description="Shut out, or not.")


@strawberry.type
class UserQueries:
    """Root fields of Query."""

    @permitted(
        Permission.USERS_READ,
        graphql_type=Connection[UserType],
        more=[Paginated()],
        description="All accounts, the newest first.",
    )
    async def users(
        self,
        info: GraphQLInfo,
        page: PageArguments,
        where: Annotated[UserWhere | None, strawberry.argument(description="Which users; all without it.")] = None,
    ) -> Page:
        """A page of users."""
        wanted = validate_argument("where", UserFilter, vars(where) if where else {})
        return await service.find_page(info.context.reads, wanted, page)
