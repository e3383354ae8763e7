"""The errors of an answer, by the nulls they made.

Of several errors below one null an executor may tell any: whichever comes first makes the null, and what else was on
its way need not be told. So where two executors tell of different errors for one null, each has to be one that could
have come: one of those that come where everything may be null, so that no error hides another.
"""

from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLList,
    GraphQLOutputType,
    GraphQLSchema,
    get_nullable_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from graphql_api.errors import code_of

Path = tuple[str | int, ...]
Shown = tuple[str, Path, str, tuple[Any, ...]]
"""The message, the path, the code and the places in the document."""

_MISSING = "Cannot return null for non-nullable field "


def by_null(result: ExecutionResult) -> dict[Path | None, list[Shown]]:
    """By the path of the null, in an order of their own; by None those of the whole request."""
    found: dict[Path | None, list[Shown]] = {}
    for error in result.errors or ():
        null = None if error.path is None else _null(tuple(error.path), result.data)
        found.setdefault(null, []).append(_shown(error))
    return {null: sorted(errors, key=repr) for null, errors in found.items()}


def has_risen(result: ExecutionResult) -> bool:
    """Whether an error made null what its field stands in."""
    paths = [tuple(error.path) for error in result.errors or () if error.path is not None]
    return any(_null(path, result.data) != path for path in paths)


def are_possible(errors: list[Shown], relaxed: ExecutionResult) -> bool:
    """Whether all of them could come, each once; `relaxed` is the answer where everything may be null."""
    told = {_shown(error) for error in relaxed.errors or ()}
    return len(set(errors)) == len(errors) and all(
        error in told or (error[0].startswith(_MISSING) and _at(error[1], relaxed.data) is None) for error in errors
    )


def relax(schema: GraphQLSchema) -> GraphQLSchema:
    """Let each of its fields be null, and each item of a list."""
    for kind in schema.type_map.values():
        if is_object_type(kind) or is_interface_type(kind):
            for field in kind.fields.values():
                field.type = _nullable(field.type)
    return schema


def _nullable(kind: GraphQLOutputType) -> GraphQLOutputType:
    inside: Any = get_nullable_type(kind)
    return GraphQLList(_nullable(inside.of_type)) if is_list_type(inside) else inside


def _null(path: Path, data: Any) -> Path:  # noqa: ANN401  (JSON is anything)
    """The first on the way that is null."""
    for length in range(len(path)):
        if data is None:
            return path[:length]
        data = data[path[length]]
    return path


def _at(path: Path, data: Any) -> Any:  # noqa: ANN401  (JSON is anything)
    for key in path:
        if data is None:
            return None
        data = data[key]
    return data


def _shown(error: GraphQLError) -> Shown:
    places = tuple((place.line, place.column) for place in error.locations or ())
    return error.message, tuple(error.path or ()), code_of(error), places
