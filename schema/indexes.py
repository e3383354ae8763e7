"""Every collection and its indexes, created when a program starts."""

import asyncio

from odmantic import Model

from schema.announcements.model import Announcement
from schema.categories.model import Category
from schema.confirmations.model import Confirmation
from schema.database import Database
from schema.files.model import File, UploadTurn
from schema.idempotency.model import IdempotencyRecord
from schema.jobs.model import Job
from schema.orders.model import Order
from schema.products.model import Product
from schema.sessions.model import RefreshToken, Session
from schema.system.model import Worker
from schema.users.model import User

MODELS: tuple[type[Model], ...] = (
    User,
    Session,
    RefreshToken,
    Confirmation,
    IdempotencyRecord,
    File,
    UploadTurn,
    Job,
    Worker,
    Announcement,
    Category,
    Product,
    Order,
)


async def create(database: Database) -> None:
    """Create what is missing, all collections at once; safe to call from several processes at the same time."""
    await asyncio.gather(*(database.engine.configure_database([model]) for model in MODELS))
