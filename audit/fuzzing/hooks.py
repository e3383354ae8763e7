"""What schemathesis is told of this API, in its own environment: scalars, and which answers are our fault."""

import json
import os
from typing import Any

import graphql
import schemathesis
from hypothesis import strategies
from schemathesis.graphql import nodes

REFUSALS = {
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "NOT_FOUND",
    "QUERY_TOO_COMPLEX",
    "RATE_LIMITED",
    "UNAUTHENTICATED",
}
"""What a client is told of what it did itself; the tool's own check takes some with a path for faults of ours."""

SERVER_ERROR = 500

schemathesis.graphql.scalar(
    "Decimal", strategies.decimals(allow_nan=False, allow_infinity=False).map(str).map(nodes.String)
)
schemathesis.graphql.scalar("Upload", strategies.just(nodes.Null))
schemathesis.graphql.scalar(
    "DateTime", strategies.datetimes().map(lambda each: f"{each.isoformat()}Z").map(nodes.String)
)

KNOWN = {str(name): list(ids) for name, ids in json.loads(os.environ.get("AUDIT_IDS", "{}")).items()}
"""Ids of things that are there, by the ends of the names of arguments and fields that want them; "" for any other."""

MOST_ON_A_PAGE = 100


@schemathesis.hook  # type: ignore[untyped-decorator]  # the tool's own
def map_body(_: object, body: Any) -> Any:  # noqa: ANN401  (the tool's own types)
    """Three of four documents as somebody would send them: random cursors and ids are refused where they are read."""
    number = len(graphql.print_ast(body))
    return graphql.visit(body, _Plausible(number)) if number % 4 else body


class _Plausible(graphql.Visitor):
    """Pages go forward from their start, and ids are known."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def enter_argument(self, node: graphql.ArgumentNode, *_: object) -> object:
        """Leave a cursor out, change a number, or look within."""
        name = node.name.value
        if name in {"after", "before", "last"}:
            return graphql.REMOVE
        if name == "first":
            return _with(node, graphql.IntValueNode(value=str(1 + self._number % MOST_ON_A_PAGE)))
        return self._known(node, name)

    def enter_object_field(self, node: graphql.ObjectFieldNode, *_: object) -> object:
        """Of an input."""
        return self._known(node, node.name.value)

    def _known(self, node: Any, name: str) -> object:  # noqa: ANN401  (both have a name and a value)
        if not name.lower().endswith("id") or not isinstance(node.value, graphql.StringValueNode):
            return None
        ids = KNOWN.get(name, KNOWN.get("", []))
        return _with(node, graphql.StringValueNode(value=ids[self._number % len(ids)])) if ids else None


def _with(node: Any, value: graphql.ValueNode) -> Any:  # noqa: ANN401  (of the same type)
    return type(node)(name=node.name, value=value)


@schemathesis.check  # type: ignore[untyped-decorator]  # the tool's own
def is_no_fault_of_ours(ctx, response, case) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, ARG001  (the tool's own types)
    """Neither a status of 5xx nor an error with a code that is not documented as a refusal; and always a code."""
    codes = [error.get("extensions", {}).get("code") for error in response.json().get("errors", [])]
    ours = [code for code in codes if code not in REFUSALS]
    if response.status_code >= SERVER_ERROR or ours:
        raise AssertionError(f"{response.status_code} {ours}: {response.text[:500]}")
