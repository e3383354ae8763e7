"""What may be asked about the program itself."""

import asyncio

import strawberry

from schema.access import Permission
from schema.nodes import GraphQLInfo
from schema.permissions import permitted
from schema.system import service
from schema.system.types import SystemStatus


@strawberry.type
class SystemQueries:
    """Root fields of Query."""

    @permitted(Permission.SYSTEM_READ, description="Which workers live, and what waits for them.")
    async def system_status(self, info: GraphQLInfo) -> SystemStatus:
        """Both at once."""
        database = info.context.database
        workers, queue = await asyncio.gather(service.find_workers(database), service.count_queue(database))
        return SystemStatus(workers=workers, queue=queue)
