"""What a worker says of itself."""

from datetime import datetime, timedelta

from odmantic import Field, Model
from pymongo import ASCENDING, IndexModel

REPORT_SECONDS = 5.0
"""How often a worker reports."""

ALIVE = timedelta(seconds=3 * REPORT_SECONDS)
"""How long after its last report a worker counts as alive."""

FORGOTTEN_SECONDS = 3_600
"""How long the last report of a worker that died is kept."""


class Worker(Model):
    """A worker process, by the id its attempts carry. Its row goes when it stops in good order."""

    id: str = Field(primary_field=True)
    host: str
    started_at: datetime
    last_seen: datetime
    running: int
    concurrency: int

    model_config = {
        "collection": "workers",
        "indexes": lambda: [
            IndexModel([("last_seen", ASCENDING)], name="expiry", expireAfterSeconds=FORGOTTEN_SECONDS),
        ],
    }
