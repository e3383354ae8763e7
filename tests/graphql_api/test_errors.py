"""What a client reads of an error, and what it never reads."""

from typing import Any

import strawberry

from graphql_api.errors import MASKED, format_errors
from schema.errors import NotFound


@strawberry.type
class Query:
    """Fails in each way a resolver can."""

    @strawberry.field
    def ours(self) -> str:
        raise RuntimeError("the password is swordfish")

    @strawberry.field
    def theirs(self) -> str:
        raise NotFound("There is no such thing.")

    @strawberry.field
    def nothing(self) -> str:
        return None  # type: ignore[return-value]  # the fault under test


def test_a_fault_of_ours_is_masked() -> None:
    for field in ("ours", "nothing"):
        (error,) = _errors(f"{{{field}}}")
        assert error["message"] == MASKED
        assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "req-12345"}
        assert error["path"] == [field]
        assert "swordfish" not in str(error)


def test_an_error_of_the_domain_is_shown_with_its_code() -> None:
    (error,) = _errors("{theirs}")
    assert error["message"] == "There is no such thing."
    assert error["extensions"] == {"code": "NOT_FOUND", "requestId": "req-12345"}


def test_an_error_of_the_document_says_where_it_is() -> None:
    (error,) = _errors("{\n  unknown\n}")
    assert error["locations"] == [{"line": 2, "column": 3}]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def _errors(query: str) -> list[dict[str, Any]]:
    result = strawberry.Schema(Query).execute_sync(query)
    return format_errors(result.errors or [], "req-12345")
