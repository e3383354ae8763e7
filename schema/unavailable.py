"""What a command says, and its exit status, when MongoDB cannot be used."""

import os

from pymongo.errors import ConfigurationError, ConnectionFailure, OperationFailure, PyMongoError

from schema.database import UnusableDatabaseError
from settings.config import EXIT_BAD_SETTINGS

_REFUSED = {13, 18}
"""MongoDB's codes of a user who may not, or is not known."""


def explained(error: PyMongoError | UnusableDatabaseError) -> tuple[int, str]:
    """75 when MongoDB is away, 78 when the settings are to be mended, else 1; and a sentence without credentials."""
    if isinstance(error, UnusableDatabaseError):
        return EXIT_BAD_SETTINGS, str(error)
    reason = str(error).partition(" (configured timeouts")[0].partition(", Timeout:")[0][:200]
    if isinstance(error, ConnectionFailure):
        return os.EX_TEMPFAIL, f"MongoDB does not answer: does it run, and is DB_URL right? {reason}"
    refused = isinstance(error, OperationFailure) and error.code in _REFUSED
    is_of_settings = refused or isinstance(error, ConfigurationError)
    return EXIT_BAD_SETTINGS if is_of_settings else 1, f"MongoDB cannot be used, is DB_URL right? {reason}"
