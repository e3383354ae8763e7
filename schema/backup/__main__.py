"""`python -m schema.backup dump FOLDER`, and `restore FOLDER` into an empty database; which one, DB_URL says."""

import os
import sys
from pathlib import Path

from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.errors import ConfigurationError, ConnectionFailure, OperationFailure, PyMongoError

from schema.backup.dump import dump
from schema.backup.manifest import BackupError, place
from schema.backup.restore import restore
from schema.database import DEFAULT_DATABASE
from schema.engine import Document
from settings import config
from settings.config import EXIT_BAD_SETTINGS

_USAGE = "Say it as in: make backup TO=backups/2026-06-01, or make restore FROM=backups/2026-06-01\n"
_INTERRUPTED = 130

_NOT_NOW = {246}
"""MongoDB's code of a collection that was made or changed at this very moment."""

_SETTINGS = {13, 18, 123}
"""Of a user who may not or is not known, and of a server that belongs to no replica set."""

_TOO_OLD = 239
_TOO_LONG = (
    "The dump took longer than MongoDB keeps a moment: raise its parameter minSnapshotHistoryWindowInSeconds (300), "
    "or dump from a node that is less busy."
)


def main(arguments: list[str]) -> int:
    """0 when it is done; else one sentence, and 1: not like this, 2: called wrongly, 75: try again, 78: settings."""
    match arguments:
        case ["dump" | "restore" as what, folder] if folder:
            return _run(what, Path(folder))
    sys.stderr.write(_USAGE)
    return 2


def _run(what: str, folder: Path) -> int:
    try:
        return _dump_or_restore(what, folder)
    except BackupError as error:
        return _refuse(1, str(error))
    except OSError as error:
        return _refuse(1, _of_the_system(error))
    except BSONError:
        return _refuse(1, "A file of the backup is not BSON, or MongoDB answered what is none.")
    except PyMongoError as error:
        return _refuse(_status(error), _sentence(error))
    except KeyboardInterrupt:
        return _refuse(_INTERRUPTED, "Interrupted: what is there is not complete.")


def _dump_or_restore(what: str, folder: Path) -> int:
    url = config.load().db_url
    with MongoClient[Document](url, w="majority", serverSelectionTimeoutMS=5_000, appname="postberry-backup") as client:
        manifest = dump(client, folder) if what == "dump" else restore(client, url, folder)
        where = place(client.get_default_database(DEFAULT_DATABASE))
    said = "Dumped from" if what == "dump" else "Restored into"
    sys.stdout.write(f"{said} {where}: {manifest.summary}, of {manifest.begun_at}.\n")
    return 0


def _status(error: PyMongoError) -> int:
    code = error.code if isinstance(error, OperationFailure) else None
    if isinstance(error, ConnectionFailure) or code in _NOT_NOW:
        return os.EX_TEMPFAIL
    return EXIT_BAD_SETTINGS if code in _SETTINGS or isinstance(error, ConfigurationError) else 1


def _sentence(error: PyMongoError) -> str:
    if isinstance(error, OperationFailure) and error.code == _TOO_OLD:
        return _TOO_LONG
    if isinstance(error, OperationFailure):  # its text may repeat a document
        name = (error.details or {}).get("codeName", type(error).__name__)
        return f"MongoDB refuses, by code {error.code}, {name}: is DB_URL right?"
    return f"MongoDB cannot be used, is DB_URL right? {str(error)[:300]}"


def _of_the_system(error: OSError) -> str:
    """Which file it is about, if it is about one, and why."""
    reason = (error.strerror or str(error)).lower()
    return f"{error.filename}: {reason}." if error.filename else f"The backup cannot go on: {reason}."


def _refuse(status: int, sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
