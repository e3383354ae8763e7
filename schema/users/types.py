"""How GraphQL shows a user. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.access import Role
from schema.enums import described
from schema.nodes import Node
from schema.permissions import PUBLIC

described(
    Role,
    "What a person is allowed in general.",
    USER="Everybody: to use what is their own.",
    ADMIN="To run the shop: every permission there is.",
)


@strawberry.type(name="User", description="A person with an account. Shown to that person and to administrators alone.")
class UserType(Node):
    """A document of `users`."""

    email: str = strawberry.field(metadata=PUBLIC, description="Where letters go.")
    name: str = strawberry.field(metadata=PUBLIC, description="How letters address the person.")
    role: Role = strawberry.field(metadata=PUBLIC, description="What the person is allowed in general.")
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When the account was opened.")
    verified_at: datetime | None = strawberry.field(
        metadata=PUBLIC, description="When the address was proven by a letter's link; null until then."
    )
    deactivated_at: datetime | None = strawberry.field(
        metadata=PUBLIC, description="Since when the person is shut out; null for an open account."
    )
