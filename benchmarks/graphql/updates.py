"""Another process of our shop, which changes orders so many times a second: `python -m …graphql.updates '{…}'`."""

import json
import sys
import time
from itertools import count
from typing import Any

from odmantic import ObjectId
from pymongo import MongoClient

from schema.engine import Document
from schema.times import utc_now


def update(told: dict[str, Any]) -> None:
    """One order after the other, until it is ended."""
    with MongoClient[Document](told["mongodb"]) as client:
        orders, ids = client.get_default_database().orders, [ObjectId(each) for each in told["orders"]]
        began = time.monotonic()
        for number in count():
            time.sleep(max(0.0, began + number / told["per_second"] - time.monotonic()))
            orders.update_one({"_id": ids[number % len(ids)]}, {"$set": {"updated_at": utc_now()}})


if __name__ == "__main__":
    update(json.loads(sys.argv[1]))
