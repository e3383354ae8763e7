"""What a document may not do, however well it is formed."""

from collections.abc import Iterator

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationRule,
)

SIGN_IN_LIKE = frozenset(
    {
        "userSignUp",
        "userSignIn",
        "tokenRefresh",
        "emailVerify",
        "passwordResetRequest",
        "passwordReset",
        "passwordChange",
    }
)
"""Mutations that guess or cost a password or a token: one a request, so that aliases multiply nothing."""


class OneSignInAtMost(ValidationRule):
    """At most one mutation of SIGN_IN_LIKE in an operation, through whatever aliases and fragments."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Count them in one operation."""
        fields = [field for field in self._root_fields(node.selection_set, set()) if field.name.value in SIGN_IN_LIKE]
        if len(fields) > 1:
            message = f"One of these mutations a request: {', '.join(sorted(SIGN_IN_LIKE))}."
            self.report_error(GraphQLError(message, fields))

    def _root_fields(self, selections: SelectionSetNode, spread: set[str]) -> Iterator[FieldNode]:
        """Every root field; a fragment that is spread again counts again, but is never entered from within itself."""
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                yield from self._spread_fields(selection.name.value, spread)
            elif isinstance(selection, InlineFragmentNode):
                yield from self._root_fields(selection.selection_set, spread)

    def _spread_fields(self, name: str, spread: set[str]) -> Iterator[FieldNode]:
        fragment = self.context.get_fragment(name)
        if fragment and name not in spread:
            spread.add(name)  # the fields of a second spread merge with those of the first: one call
            yield from self._root_fields(fragment.selection_set, spread)
