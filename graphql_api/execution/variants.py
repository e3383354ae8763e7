"""What plans have compiled, of all operations together: as much as there is room for, the ones used last."""

from collections import OrderedDict
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

ROOM = 10_000
"""Fields, counted wherever they stand with all fragments written out: each takes some 1.6 KB."""


class Variants:
    """By the plan, and what `@skip` and `@include` ask for. An operation is compiled once for each combination."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._compiled: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Fields there are."""
        return self._size

    def get(self, key: Hashable) -> Any:  # noqa: ANN401  (what was put there)
        """What was compiled for it, or None."""
        found = self._compiled.get(key)
        if found is None:
            return None
        self._compiled.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, compiled: Any, size: int) -> None:  # noqa: ANN401  (whatever a plan keeps)
        """Keep what is new, and forget the oldest where there is no room."""
        self._compiled[key] = compiled, size
        self._size += size
        while self._size > self._room:
            _, (_, forgotten) = self._compiled.popitem(last=False)
            self._size -= forgotten


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
