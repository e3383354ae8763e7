"""What a client is told whose document is not known. Messages and codes are those that client libraries look for."""

from schema.errors import RequestError


class PersistedQueryError(RequestError):
    """Nothing was executed; `is_by_hash` if the client will send the text of the hash it named, once it reads this."""

    message = ""

    def __init__(self, *, is_by_hash: bool) -> None:
        super().__init__(self.message)
        self.is_by_hash = is_by_hash


class PersistedQueryNotFoundError(PersistedQueryError):
    """No document has this name here."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    message = "PersistedQueryNotFound"


class PersistedQueryNotSupportedError(PersistedQueryError):
    """Documents have no names here: clients need not try again."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    message = "PersistedQueryNotSupported"
