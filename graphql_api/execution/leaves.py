"""How scalars and enums stand in an answer."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphql import GraphQLBoolean, GraphQLID, GraphQLLeafType, GraphQLString, Undefined
from graphql.execution.executor import Executor

Leaf = Callable[[Any], Any]
"""Makes of a resolver's value what stands in the answer."""

_AS_THEY_ARE: tuple[tuple[GraphQLLeafType, type], ...] = (
    (GraphQLString, str),
    (GraphQLID, str),
    (GraphQLBoolean, bool),
)
"""Scalars whose values stand in the answer as Python has them."""


def exact_type(kind: GraphQLLeafType) -> type | None:
    """Of the values that stand in the answer as they are; None: none do."""
    return next((exact for scalar, exact in _AS_THEY_ARE if scalar is kind), None)


@lru_cache(maxsize=2_000)
def leaf(kind: GraphQLLeafType, missing: str | None) -> Leaf:
    """Of this type. `missing` is why there has to be a value; None: there may be none. Plans share them."""

    def coerced(value: Any) -> Any:  # noqa: ANN401  (whatever resolvers give)
        if value is None or value is Undefined:
            return _nothing(missing)
        if isinstance(value, Exception):
            raise value
        return Executor.complete_leaf_value(kind, value)

    exact = exact_type(kind)
    return _as_it_is(exact, coerced) if exact else coerced


def _as_it_is(exact: type, otherwise: Leaf) -> Leaf:
    def unchanged(value: Any) -> Any:  # noqa: ANN401  (whatever resolvers give)
        return value if type(value) is exact else otherwise(value)

    return unchanged


def _nothing(missing: str | None) -> None:
    if missing:
        raise TypeError(missing)
