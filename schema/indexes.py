"""Every collection and its indexes, created when a program starts."""

from schema.confirmations.model import Confirmation
from schema.database import Database
from schema.jobs.model import Job
from schema.sessions.model import RefreshToken, Session
from schema.users.model import User

MODELS = (User, Session, RefreshToken, Confirmation, Job)


async def create(database: Database) -> None:
    """Create what is missing; safe to call from several processes at once."""
    await database.engine.configure_database(MODELS)
