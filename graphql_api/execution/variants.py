"""What plans have compiled, of all operations together: as much as there is room for."""

from collections.abc import Hashable, Mapping
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from graphql_api.two_queues import TwoQueueCache

ROOM_FOR_FIELDS = 10_000
"""Fields, counted wherever they stand with all fragments written out: each takes some 2 KB."""


Variants = TwoQueueCache[Hashable, Any]
"""By the id of the plan, and what `@skip` and `@include` ask for: each combination is compiled once."""


def size_of(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """The fields of an operation, with all fragments written out; each fragment is looked at once."""
    return _size(operation.selection_set, fragments, {})


def _size(
    selected: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, int]
) -> int:
    return sum(_size_of_node(node, fragments, known) for node in selected.selections) if selected else 0


def _size_of_node(node: SelectionNode, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, int]) -> int:
    if isinstance(node, FragmentSpreadNode):
        name = node.name.value
        if name not in known:
            known[name] = _size(fragments[name].selection_set, fragments, known)
        return known[name]
    inside = cast("FieldNode | InlineFragmentNode", node)
    return isinstance(node, FieldNode) + _size(inside.selection_set, fragments, known)
