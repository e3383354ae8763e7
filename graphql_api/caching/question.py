"""What an answer is found by again: the document, which of its operations, and the variables."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode

from graphql_api.caching.hints import Hint, hint_of

_BYTES = 16
"""Of a digest."""


@dataclass(frozen=True, slots=True)
class Question:
    """One operation of a document."""

    hint: Hint
    name: str
    """A digest of both."""

    variables: tuple[str, ...]
    """Those that it declares."""

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Self:
        """Of a valid document that was parsed from its text."""
        text = document.loc.source.body if document.loc else ""
        which = operation.name.value if operation.name else ""
        declared = (each.variable.name.value for each in operation.variable_definitions or ())
        name = _digest(f"{which}\n{text}".encode(errors="surrogatepass"))
        return cls(hint_of(schema, document, operation), name, tuple(sorted(declared)))

    def digest(self, variables: Mapping[str, Any]) -> str | None:
        """With these variables, whatever else was sent with them; None for what is no JSON: files."""
        given = {name: variables[name] for name in self.variables if name in variables}
        try:
            told = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            return None
        return _digest(self.name.encode() + told)


def _digest(told: bytes) -> str:
    return hashlib.blake2b(told, digest_size=_BYTES).hexdigest()
