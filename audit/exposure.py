"""What graphql-cop looks for, as somebody who is not signed in.

The project publishes no package (what PyPI has by its name is an empty placeholder): these are checks of our own for
the thirteen things that it looks for or did, under its names.
"""

from collections.abc import Callable

import httpx

from audit.findings import refuse
from audit.stage import Stage

Found = Callable[[httpx.Client], bool]

_CIRCULAR = "{__schema{types{fields{type{fields{type{fields{type{fields{type{name}}}}}}}}}}}"
_IDES = ("graphiql", "playground", "apollo sandbox", "altair")


def _answers(http: httpx.Client, query: str) -> bool:
    return bool(_json(http.post("/graphql", json={"query": query})).get("data"))


def _json(response: httpx.Response) -> dict[str, object]:
    """The answer, if it is an object of JSON."""
    is_json = "json" in response.headers.get("content-type", "")
    answer = response.json() if is_json else {}
    return answer if isinstance(answer, dict) else {"data": answer}


def _tells(http: httpx.Client, query: str, *words: str) -> bool:
    text = http.post("/graphql", json={"query": query}).text.lower()
    return any(word in text for word in words)


def _overloaded(http: httpx.Client) -> bool:
    """Whether it looks at each of many directives that are not there."""
    errors = _json(http.post("/graphql", json={"query": "{__typename" + "@aa" * 10 + "}"})).get("errors")
    return isinstance(errors, list) and len(errors) > 1


def _batches(http: httpx.Client) -> bool:
    return bool(_json(http.post("/graphql", json=[{"query": "{__typename}"}] * 10)).get("data"))


def _shows_ide(http: httpx.Client) -> bool:
    page = http.get("/graphql", headers={"Accept": "text/html"}).text.lower()
    return any(word in page for word in _IDES)


def _answers_get(http: httpx.Client, query: str) -> bool:
    return bool(_json(http.get("/graphql", params={"query": query})).get("data"))


def _answers_forms(http: httpx.Client) -> bool:
    return bool(_json(http.post("/graphql", data={"query": "{__typename}"})).get("data"))


CHECKS: dict[str, Found] = {
    "field_suggestions": lambda http: (
        _tells(http, "{__schema{directive}}", "did you mean") or _tells(http, "{prodcts{nodes{id}}}", "did you mean")
    ),
    "introspection": lambda http: _answers(http, "{__schema{types{name fields{name}}}}"),
    "detect_graphiql": _shows_ide,
    "get_method_support": lambda http: _answers_get(http, "{__typename}"),
    "alias_overloading": lambda http: _answers(http, "{" + " ".join(f"a{n}:__typename" for n in range(101)) + "}"),
    "batch_query": _batches,
    "trace_mode": lambda http: _tells(http, "{__typename}", '"tracing"'),
    "directive_overloading": _overloaded,
    "circular_query_introspection": lambda http: _answers(http, _CIRCULAR),
    "get_based_mutation": lambda http: _answers_get(http, "mutation{__typename}"),
    "post_based_csrf": _answers_forms,
    "field_duplication": lambda http: _answers(http, "{" + "__typename " * 500 + "}"),
    "unhandled_error_detection": lambda http: _tells(http, "qwerty cop{abc}", '"exception"', "traceback"),
}
"""By its name, whether it is found."""


def check(stage: Stage, control: Stage) -> str:
    """No finding; of an API in development, which tells all, some of them must be found."""
    told = findings(control)
    needed = {"introspection", "field_suggestions", "detect_graphiql"}
    refuse(sorted(needed - set(told)), "what development shows was not found: the checks are blind")
    refuse(findings(stage), "found")
    said = f"none of its {len(CHECKS)} findings as anonymous, by checks of our own under its names"
    return f"{said}; {len(told)} of an API in development"


def findings(stage: Stage) -> list[str]:
    """The names of what is found."""
    with httpx.Client(base_url=stage.url, timeout=30) as http:
        return [name for name, is_found in CHECKS.items() if is_found(http)]
