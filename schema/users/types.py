"""How GraphQL shows a user. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.access import Permission, Role
from schema.nodes import Node
from schema.permissions import own_or

strawberry.enum(Role, description="What a person is allowed in general.")


@strawberry.type(name="User", description="A person with an account. Shown to that person and to administrators.")
class UserType(Node):
    """A document of `users`."""

    email: str = own_or(Permission.USERS_READ, description="Where letters go.")
    name: str = own_or(Permission.USERS_READ, description="How letters address the person.")
    role: Role = own_or(Permission.USERS_READ, description="What the person is allowed in general.")
    created_at: datetime = own_or(Permission.USERS_READ, description="When the account was opened.")
    verified_at: datetime | None = own_or(
        Permission.USERS_READ, description="When the address was proven by a letter's link; null until then."
    )
    deactivated_at: datetime | None = own_or(
        Permission.USERS_READ, description="Since when the person is shut out; null for an open account."
    )
