"""How GraphQL shows a session. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.nodes import Node
from schema.permissions import PUBLIC


@strawberry.type(name="Session", description="A signed-in device. Shown to its user and to administrators alone.")
class SessionType(Node):
    """A document of `sessions`."""

    device: str = strawberry.field(metadata=PUBLIC, description="What its program calls itself: the User-Agent header.")
    ip: str = strawberry.field(metadata=PUBLIC, description="The address it was last seen at.")
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it signed in.")
    last_used_at: datetime = strawberry.field(metadata=PUBLIC, description="When it last fetched new tokens.")
    ended_at: datetime | None = strawberry.field(metadata=PUBLIC, description="When it was ended; null while it holds.")
