"""How large the operations of a document are, with all their fragments, in one pass that reads each fragment once."""

from dataclasses import dataclass
from typing import Self

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

INTROSPECTION = frozenset({"__schema", "__type"})
"""Root fields that are not looked into: what they may ask for has a rule of its own."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Of a selection: the levels of its fields and of its fragments, and its fields and aliases as if written out."""

    depth: int = 0
    nesting: int = 0
    fields: int = 0
    aliases: int = 0

    def beside(self, other: Self) -> Self:
        """Of both together."""
        return type(self)(
            max(self.depth, other.depth),
            max(self.nesting, other.nesting),
            self.fields + other.fields,
            self.aliases + other.aliases,
        )

    def within_field(self, *, is_aliased: bool) -> Self:
        """Of a field that has this below it."""
        return type(self)(self.depth + 1, self.nesting, self.fields + 1, self.aliases + is_aliased)

    def within_fragment(self) -> Self:
        """Of a fragment that has this in it."""
        return type(self)(self.depth, self.nesting + 1, self.fields, self.aliases)


_NOTHING = Measures()


def measure(document: DocumentNode) -> Measures:
    """The largest measures of its operations. Fragments that are missing or spread themselves count as nothing."""
    measuring = _Measuring(document)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    sizes = [measuring.selections(operation.selection_set) for operation in operations]
    return Measures(
        max((size.depth for size in sizes), default=0),
        max((size.nesting for size in sizes), default=0),
        max((size.fields for size in sizes), default=0),
        max((size.aliases for size in sizes), default=0),
    )


class _Measuring:
    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        self._measured: dict[str, Measures] = {}

    def selections(self, selections: SelectionSetNode | None) -> Measures:
        total = _NOTHING
        for selection in selections.selections if selections else ():
            total = total.beside(self._selection(selection))
        return total

    def _selection(self, selection: SelectionNode) -> Measures:
        if isinstance(selection, FragmentSpreadNode):
            return self._spread(selection.name.value).within_fragment()
        if isinstance(selection, InlineFragmentNode):
            return self.selections(selection.selection_set).within_fragment()
        return self._field(selection) if isinstance(selection, FieldNode) else _NOTHING

    def _field(self, field: FieldNode) -> Measures:
        below = _NOTHING if field.name.value in INTROSPECTION else self.selections(field.selection_set)
        return below.within_field(is_aliased=field.alias is not None)

    def _spread(self, name: str) -> Measures:
        if name not in self._measured:
            self._measured[name] = _NOTHING  # for itself, when it is spread within itself
            fragment = self._fragments.get(name)
            self._measured[name] = self.selections(fragment.selection_set if fragment else None)
        return self._measured[name]
