"""The GraphQL schema, put together from the slices. `python -m graphql_api.schema` prints it as SDL."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext
from typing_extensions import override

from schema.jobs.queries import JobQueries
from schema.jobs.types import JobType
from schema.users.mutations import UserMutations
from schema.viewer.queries import NodeQueries

SDL = Path("schema.graphql")


class Schema(strawberry.Schema):
    """Strawberry's schema; errors are logged where they are answered, with the request's id."""

    @override
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: `graphql_api.errors` does it."""


def read(source: Any, name: str) -> Any:  # noqa: ANN401  (documents and payloads hold anything)
    """A field of a document as MongoDB gave it, or of a payload."""
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name)


def create_schema() -> Schema:
    """The schema of this process."""
    return Schema(
        query=merge_types("Query", (JobQueries, NodeQueries)),
        mutation=merge_types("Mutation", (UserMutations,)),
        types=[JobType],
        config=StrawberryConfig(default_resolver=read),
        extensions=[ParserCache, ValidationCache],
    )


def main(arguments: list[str]) -> int:
    """Print the SDL; with --check, say whether schema.graphql is current."""
    sdl = create_schema().as_str() + "\n"
    if arguments == ["--check"]:
        current = SDL.is_file() and SDL.read_text() == sdl
        sys.stderr.write("" if current else "schema.graphql is not current: run `make schema` and commit it.\n")
        return 0 if current else 1
    sys.stdout.write(sdl)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
