"""The file of trusted documents: read, and each of them tried, once, when a process starts."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLSchema

from graphql_api.documents.cache import Documents, Prepared
from graphql_api.documents.cost import requested
from graphql_api.documents.operations import operations
from graphql_api.persisted.shared import digest_of

SHA256 = "sha256:"
"""What may stand before an id that is a hash of this kind."""

_ID = re.compile(rf"(?:{SHA256})?[A-Za-z0-9._~-]{{1,128}}")


class BadDocumentsError(Exception):
    """The file cannot be used; the message names it, and the id of the document."""


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """The texts by their ids; `are_all` if nothing else is executed."""

    texts: dict[str, str] = field(default_factory=dict)
    are_all: bool = False


def load(path: Path, schema: GraphQLSchema, documents: Documents) -> dict[str, str]:
    """The documents of the file by their ids, each of them valid; BadDocumentsError says of which one this is not so.

    `documents` remembers them, as if clients had sent them.
    """
    texts = read(path)
    for name, text in texts.items():
        if fault := _fault(schema, documents, text):
            raise BadDocumentsError(f"{path}: document {name}: {fault}")
    return texts


def read(path: Path) -> dict[str, str]:
    """The texts by their ids, untried."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise BadDocumentsError(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise BadDocumentsError(f"{path} is not JSON: {error.msg}") from error
    if not isinstance(content, dict) or not content:
        raise BadDocumentsError(f"{path} must be an object of one document or more, by their ids")
    return {_checked_id(path, name, text): text for name, text in content.items()}


def _checked_id(path: Path, name: str, text: Any) -> str:  # noqa: ANN401  (JSON is anything)
    if not _ID.fullmatch(name):
        raise BadDocumentsError(f"{path}: an id has 1 to 128 letters, digits or ._~-, this is none: {name[:200]!r}")
    if not isinstance(text, str):
        raise BadDocumentsError(f"{path}: document {name}: must be a string")
    if name.startswith(SHA256) and name != SHA256 + digest_of(text.encode()):
        raise BadDocumentsError(f"{path}: document {name}: the id is not the hash of the text")
    return name.removeprefix(SHA256)


def _fault(schema: GraphQLSchema, documents: Documents, text: str) -> str | None:
    try:
        prepared = documents.prepare(schema, text)
    except GraphQLError as error:
        return error.message
    except RecursionError:
        return "The document is nested too deeply."
    if prepared.errors:
        return prepared.errors[0].message
    return _fault_of_cost(prepared, documents.limits.query_max_cost)


def _fault_of_cost(prepared: Prepared, most: int) -> str | None:
    nothing = dict.fromkeys(_variables(prepared.document), 0)
    cost = max((requested(each.cost, nothing) for each in prepared.operations.values()), default=0)
    return f"It costs {cost} or more, whatever its variables are; it may cost {most}." if cost > most else None


def _variables(document: DocumentNode) -> set[str]:
    return {each.variable.name.value for one in operations(document) for each in one.variable_definitions or ()}
