"""The operations of a document and their root fields."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


def operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    """All there are."""
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> dict[str, str]:
    """The root fields of an operation, by the keys that their answers have."""
    fields = operation.selection_set.selections
    if len(fields) == 1 and isinstance(field := fields[0], FieldNode):
        return {_key(field): field.name.value}
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    return {_key(field): field.name.value for field in _walk(operation.selection_set, fragments)}


def _walk(selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """Each fragment once: it is taken out where it is spread first."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _walk(selection.selection_set, fragments)
        elif isinstance(selection, FragmentSpreadNode) and (named := fragments.pop(selection.name.value, None)):
            yield from _walk(named.selection_set, fragments)


def _key(field: FieldNode) -> str:
    return (field.alias or field.name).value
