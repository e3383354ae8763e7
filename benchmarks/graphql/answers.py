"""Whether two answers say the same."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import httpx

from benchmarks.graphql.cases import Case


class DifferentAnswerError(Exception):
    """A peer answers something else than we do: nothing of it is worth timing."""


def ask(url: str, case: Case, token: str | None) -> Any:  # noqa: ANN401  # JSON is anything
    """The data of its answer, as it can be compared."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    answer = httpx.post(f"{url}/graphql", content=case.body(case.variables[0]), headers=headers, timeout=30)
    if answer.status_code != httpx.codes.OK or answer.json().get("errors"):
        raise DifferentAnswerError(f"{url} answers {case.name} with {answer.status_code}: {answer.text[:500]}")
    return comparable(answer.json()["data"], case.volatile)


def comparable(value: Any, volatile: Collection[str] = frozenset()) -> Any:  # noqa: ANN401  # JSON is anything
    """The value without what is another's each time; times as times, however they are written."""
    if isinstance(value, Mapping):
        return {name: comparable(each, volatile) for name, each in value.items() if name not in volatile}
    if isinstance(value, list):
        return [comparable(each, volatile) for each in value]
    return _time(value) if isinstance(value, str) else value


def _time(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text) if text[10:11] == "T" else text
    except ValueError:
        return text


def require_same(name: str, given: Any, expected: Any) -> None:  # noqa: ANN401  # JSON is anything
    """DifferentAnswerError where they differ."""
    if given != expected:
        raise DifferentAnswerError(f"{name} answers {_shown(given)}, and not {_shown(expected)}")


def _shown(value: Any) -> str:  # noqa: ANN401  # JSON is anything
    return str(value)[:1000]
