"""The first administrator: `python -m schema.users.admin EMAIL` gives an existing account the role ADMIN."""

import asyncio
import sys

from pymongo.errors import PyMongoError

from schema.database import UnusableDatabaseError, connect
from schema.unavailable import explained
from schema.users import service
from settings import config


async def promote(db_url: str, email: str) -> bool:
    """Make the account with this address an administrator's. False: there is none."""
    database = await connect(db_url, app_name="postberry-admin")
    try:
        return await service.promote(database, email)
    finally:
        await database.close()


def main(arguments: list[str]) -> int:
    """0 when it is done; else one sentence, and 1: no such account, 2: called wrongly, 75: try again, 78: settings."""
    if len(arguments) != 1 or not arguments[0]:
        sys.stderr.write("Say whose: make admin EMAIL=ada@example.com\n")
        return 2
    (email,) = arguments
    try:
        promoted = asyncio.run(promote(config.load().db_url, email))
    except (PyMongoError, UnusableDatabaseError) as error:
        status, sentence = explained(error)
        sys.stderr.write(f"{sentence}\n")
        return status
    if not promoted:
        sys.stderr.write(f"There is no account with the address {email}: sign up first.\n")
        return 1
    sys.stdout.write(f"{email} is an administrator now.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
