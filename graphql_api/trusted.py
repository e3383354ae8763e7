"""`python -m graphql_api.trusted`: whether the API would start with the file of TRUSTED_DOCUMENTS."""

import sys
from pathlib import Path

import structlog

from graphql_api.console.page import DOCUMENTS
from graphql_api.documents.cache import Documents
from graphql_api.persisted.file import BadDocumentsError, TrustedDocuments, load
from graphql_api.schema import Schema, create_schema
from settings import config, logging
from settings.config import EXIT_BAD_SETTINGS, Settings

log = structlog.get_logger(__name__)


def trusted_documents(
    settings: Settings, schema: Schema, documents: Documents, *, are_all: bool = True, consoles: Path = DOCUMENTS
) -> TrustedDocuments:
    """Those of the file, if there is one, and the console's: then they are all, but where GraphiQL takes others."""
    if settings.trusted_documents is None:
        return TrustedDocuments()
    has_console = settings.console_enabled and consoles.is_file()
    texts: dict[str, str] = {}
    for path in [*([consoles] if has_console else []), settings.trusted_documents]:
        texts |= load(path, schema._schema, documents)  # noqa: SLF001  (as Strawberry's own extensions)
    return TrustedDocuments(texts, are_all)


def refused(error: BadDocumentsError) -> int:
    """Say in the log why there is no start; the exit status."""
    log.critical("cannot start, documents cannot be trusted: see TRUSTED_DOCUMENTS", error=str(error)[:500])
    return EXIT_BAD_SETTINGS


def main() -> int:
    """0 if each document of the file is valid, else 78."""
    settings = config.load()
    logging.configure(settings, "api")
    if settings.trusted_documents is None:
        log.critical("TRUSTED_DOCUMENTS names no file")
        return EXIT_BAD_SETTINGS
    documents = Documents(settings)
    try:
        trusted = trusted_documents(settings, create_schema(documents), documents)
    except BadDocumentsError as error:
        return refused(error)
    log.info("trusted documents can be used", documents=len(trusted.texts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
