"""Which documents the API executes, and how clients may name them."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from settings.limits import QueryLimits


class DocumentSettings(QueryLimits):
    """What documents may be, and which there are: trusted ones alone, or any, to be named by their hashes later."""

    trusted_documents: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        None, description="JSON file of the only documents that are executed, by their ids; empty: any."
    )
    persisted_queries: bool = Field(
        default=True, description="Clients may send the hash of a document in place of one that was sent before."
    )
    answer_cache_enabled: bool = Field(
        default=True, description="Keep public answers to who is not signed in, in Redis and, of GET, in HTTP caches."
    )
