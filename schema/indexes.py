"""Every collection and its indexes, created when a program starts."""

from schema.database import Database
from schema.jobs.model import Job
from schema.users.model import User

MODELS = (User, Job)


async def create(database: Database) -> None:
    """Create what is missing; safe to call from several processes at once."""
    await database.engine.configure_database(MODELS)
