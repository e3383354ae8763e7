"""From what a request sends or names to the text that is executed, before anything of it is parsed."""

from collections.abc import Callable
from functools import partial

from graphql import GraphQLError

from graphql_api.documents.bill import READING, Bill
from graphql_api.persisted.errors import PersistedQueryNotFoundError, PersistedQueryNotSupportedError
from graphql_api.persisted.file import SHA256, TrustedDocuments
from graphql_api.persisted.shared import SharedDocuments, digest_of
from graphql_api.request import GraphQLRequest
from schema.context import Asked, Context
from schema.errors import BadUserInput, RequestError

ONLY_BY_ID = "This server executes the documents that it knows and no others: send `documentId` and no `query`."
WRONG_HASH = "provided sha does not match query"
"""As clients know it."""


class PersistedDocuments:
    """All that a request may name. `shared` is None where clients cannot add to them."""

    def __init__(
        self, trusted: TrustedDocuments, shared: SharedDocuments | None, found: Callable[[str], None] = lambda _: None
    ) -> None:
        self._trusted = trusted
        self._shared = shared
        self._found = found

    async def text(self, request: GraphQLRequest, context: Context) -> str:
        """The document to execute; to name one costs what it costs to read one, found or not.

        Raises:
            GraphQLError: there is none, or it may not be sent.
        """
        if request.query and not request.digest and not self._trusted.are_all:
            return request.query
        if error := Bill(context.purse).charge(READING):
            raise error
        try:
            return await self._text(request, context.asked)
        except RequestError as refusal:
            raise GraphQLError(str(refusal), original_error=refusal) from refusal

    async def _text(self, request: GraphQLRequest, asked: Asked) -> str:
        if request.query and self._trusted.are_all:
            raise BadUserInput(ONLY_BY_ID)
        if not request.query:
            return await self._named(request)
        if self._shared:
            asked.when_valid = partial(self._shared.keep, _verified(request), request.query)
        return request.query

    async def _named(self, request: GraphQLRequest) -> str:
        name = (request.document_id or request.digest or "").removeprefix(SHA256)
        where, text = await self._find(name)
        self._found(where)
        if text is not None:
            return text
        known = self._trusted.texts or self._shared
        missing = PersistedQueryNotFoundError if known else PersistedQueryNotSupportedError
        raise missing(is_by_hash=request.document_id is None)

    async def _find(self, name: str) -> tuple[str, str | None]:
        if text := self._trusted.texts.get(name):
            return "file", text
        if self._shared and (text := self._shared.recall(name)):
            return "memory", text
        if self._shared and (text := await self._shared.fetch(name)):
            return "redis", text
        return "nowhere", None

    async def close(self) -> None:
        """Give up what is under way."""
        if self._shared:
            await self._shared.close()


def _verified(request: GraphQLRequest) -> str:
    computed = digest_of(request.query.encode())
    if computed != request.digest:
        raise BadUserInput(WRONG_HASH)
    return computed
