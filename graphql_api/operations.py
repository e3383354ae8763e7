"""What an operation asks for: its type and its root fields, once it is known to be valid."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension
from typing_extensions import override


class Asking(SchemaExtension):
    """Notes it in the context."""

    @override
    def on_validate(self) -> Iterator[None]:
        """Look at what turns out to be valid: there every name is one of the schema."""
        yield
        execution = self.execution_context
        document = None if execution.pre_execution_errors else execution.graphql_document
        operation = get_operation_ast(document, execution.operation_name) if document else None
        if document and operation:
            execution.context.asked.operation = operation.operation.value
            execution.context.asked.fields = root_fields(document, operation)


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> dict[str, str]:
    """The root fields of a valid operation, by the keys that their answers have."""
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
