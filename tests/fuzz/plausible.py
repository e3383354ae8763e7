"""Documents for the shop as somebody would send them: random cursors and ids are refused where they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    StringValueNode,
    ValueNode,
    Visitor,
    visit,
)

PLAUSIBLE, FORWARD, SIZED, FURTHER, TOO_SMALL, BY_ID, ALL = 0.85, 0.75, 0.8, 0.25, 0.02, 0.6, 0.6
"""How often: a document at all; a page goes forward, says its size, has a cursor, is of nothing; a thing is asked for
by its id; a list is not filtered."""

_PAGE = frozenset({"first", "after", "last", "before"})
_LARGEST_PAGE = 6
_MOST_NODES = 5
_NAMED = {
    "categoryId": "Category",
    "parentId": "Category",
    "productId": "Product",
    "fileId": "File",
    "userId": "User",
    "ownerId": "User",
}
"""The types whose ids arguments and fields of inputs want; `id` wants that of the root field's."""

_KINDS = ("Category", "Order", "Product", "Job", "User", "Session")


@dataclass(frozen=True)
class Known:
    """What can be asked for by name."""

    ids: Mapping[str, Sequence[str]] = field(repr=False)
    """By type."""

    cursors: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    """By the field that answers the list."""

    slugs: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    """By the field that answers the thing."""

    always: bool = False
    """Whether no id but these may be asked for."""

    def prepare(self, document: DocumentNode, dice: Random) -> DocumentNode:
        """The same document, plausible; as it is now and then, unless its ids have to be known."""
        if not self.always and dice.random() > PLAUSIBLE:
            return document
        plausible: DocumentNode = visit(document, _Plausible(self, dice))
        return plausible


class _Plausible(Visitor):
    def __init__(self, known: Known, dice: Random) -> None:
        super().__init__()
        self._known = known
        self._dice = dice
        self._field = ""

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:  # noqa: ANN401  (as graphql-core calls it)
        self._field = node.name.value
        if not node.arguments:
            return None
        return FieldNode(
            name=node.name,
            alias=node.alias,
            arguments=tuple(self._arguments(node.arguments)),
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:  # noqa: ANN401  (as graphql-core calls it)
        value = self._id(node.name.value, node.value)
        return ObjectFieldNode(name=node.name, value=value) if value else None

    def _arguments(self, nodes: Sequence[ArgumentNode]) -> list[ArgumentNode]:
        given = {node.name.value: node.value for node in nodes}
        if not _PAGE.isdisjoint(given):
            given = {name: value for name, value in given.items() if name not in _PAGE} | self._page()
        if {"id", "slug"} <= given.keys():
            given = self._one_of_both()
        if "where" in given and self._is(ALL):
            given["where"] = NullValueNode()
        changed = {name: self._id(name, value) or value for name, value in given.items()}
        return [ArgumentNode(name=NameNode(value=name), value=value) for name, value in changed.items()]

    def _page(self) -> dict[str, ValueNode]:
        size, cursor = ("first", "after") if self._is(FORWARD) else ("last", "before")
        page: dict[str, ValueNode] = {}
        if self._is(SIZED):
            many = 0 if self._is(TOO_SMALL) else self._dice.randint(1, _LARGEST_PAGE)
            page[size] = IntValueNode(value=str(many))
        if (cursors := self._known.cursors.get(self._field)) and self._is(FURTHER):
            page[cursor] = StringValueNode(value=self._dice.choice(cursors))
        return page

    def _one_of_both(self) -> dict[str, ValueNode]:
        if self._is(BY_ID):
            return {"id": StringValueNode(value=self._dice.choice(self._known.ids[self._kind()]))}
        return {"slug": StringValueNode(value=self._dice.choice(self._known.slugs[self._field]))}

    def _id(self, name: str, value: ValueNode) -> ValueNode | None:
        """An id in place of this value, if the name wants one."""
        if name == "ids":
            many = range(self._dice.randint(0, _MOST_NODES))
            return ListValueNode(values=tuple(self._any_id(self._kind()) for _ in many))
        kind = self._kind() if name == "id" else _NAMED.get(name)
        if kind is None or isinstance(value, NullValueNode):
            return None
        return self._any_id(kind)

    def _any_id(self, kind: str) -> StringValueNode:
        return StringValueNode(value=self._dice.choice(self._known.ids[kind]))

    def _kind(self) -> str:
        """The type that the root field is about; any for `node`."""
        named = next((kind for kind in _KINDS if self._field.startswith(kind.lower())), None)
        return named or self._dice.choice(list(self._known.ids))

    def _is(self, probability: float) -> bool:
        return self._dice.random() < probability
