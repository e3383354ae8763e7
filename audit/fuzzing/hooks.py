"""What schemathesis is told of this API, in its own environment: scalars, and which answers are our fault."""

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


@schemathesis.check  # type: ignore[untyped-decorator]  # the tool's own
def is_no_fault_of_ours(ctx, response, case) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, ARG001  (the tool's own types)
    """Neither a status of 5xx nor an error with a code that is not documented as a refusal; and always a code."""
    codes = [error.get("extensions", {}).get("code") for error in response.json().get("errors", [])]
    ours = [code for code in codes if code not in REFUSALS]
    if response.status_code >= SERVER_ERROR or ours:
        raise AssertionError(f"{response.status_code} {ours}: {response.text[:500]}")
