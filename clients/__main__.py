"""`make clients`: a line for each check; status 1 if any found something.

`make clients ONLY="lint breaking"` runs some; `shopping` runs what `typescript` and `python` have made.
"""

import sys
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory

from audit.findings import Check, FoundError, reported
from audit.stage import Stage, staged
from clients import generators, live, schema_checks
from clients.frontend import frontend
from clients.planted import planted
from clients.tools import install
from tests.support.processes import ServerError
from tests.support.variables import refuse
from tests.support.worker import running_worker

CHECKS: dict[str, Check] = {
    "lint": schema_checks.lint,
    "breaking": schema_checks.breaking,
    "names": schema_checks.names,
    "planted": planted,
    "collection": schema_checks.collection,
    "typescript": generators.typescript,
    "frontend": frontend,
    "relay": generators.relay,
    "python": generators.python,
}
LIVE: dict[str, dict[str, Callable[[Stage], str]]] = {
    "postman": {"postman": live.postman},
    "shopping": {"shop-ts": live.typescript, "shop-py": live.python},
}


def main(names: list[str]) -> int:
    """0 when nothing was found."""
    chosen = names or [*CHECKS, *LIVE]
    if unknown := set(chosen) - {*CHECKS, *LIVE}:
        refuse(f"There is no check {', '.join(sorted(unknown))}, but {', '.join([*CHECKS, *LIVE])}.")
    if not reported("install", install):
        return 1
    good = [reported(name, check) for name, check in CHECKS.items() if name in chosen]
    if any(name in LIVE for name in chosen):
        good += _on_a_live_server(chosen)
    return int(not all(good))


def _on_a_live_server(chosen: list[str]) -> list[bool]:
    """Beside a worker, as users have it."""
    try:
        with TemporaryDirectory() as storage, staged("clients", storage_url=f"file://{storage}") as stage:
            with running_worker(stage.settings):
                good = [reported(name, partial(check, stage)) for name, check in _live(chosen)]
            return [*good, reported("faults", lambda: _faults(stage))]
    except ServerError as error:
        sys.exit(str(error))


def _live(chosen: list[str]) -> list[tuple[str, Callable[[Stage], str]]]:
    return [each for group, checks in LIVE.items() if group in chosen for each in checks.items()]


def _faults(stage: Stage) -> str:
    if faults := stage.faults():
        raise FoundError("the server logged faults of its own", faults)
    return "the server logged none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
