"""`make clients`: a line for each check; status 1 if any found something.

`make clients ONLY="lint breaking"` runs some; `shopping` runs what `typescript` and `python` have made.
"""

import sys
from tempfile import TemporaryDirectory

from audit.findings import Check, FoundError, reported
from audit.stage import Stage, staged
from clients import generators, live, schema_checks
from clients.planted import planted
from clients.tools import install
from tests.support.processes import ServerError
from tests.support.worker import running_worker

CHECKS: dict[str, Check] = {
    "lint": schema_checks.lint,
    "breaking": schema_checks.breaking,
    "names": schema_checks.names,
    "planted": planted,
    "collection": schema_checks.collection,
    "typescript": generators.typescript,
    "relay": generators.relay,
    "python": generators.python,
}
LIVE = ("postman", "shopping")


def main(names: list[str]) -> int:
    """0 when nothing was found."""
    chosen = names or [*CHECKS, *LIVE]
    if unknown := set(chosen) - {*CHECKS, *LIVE}:
        sys.exit(f"There is no check {', '.join(sorted(unknown))}, but {', '.join([*CHECKS, *LIVE])}.")
    if not reported("install", install):
        return 1
    good = [reported(name, check) for name, check in CHECKS.items() if name in chosen]
    if any(name in LIVE for name in chosen):
        good += _on_a_live_server(chosen)
    return int(not all(good))


def _on_a_live_server(chosen: list[str]) -> list[bool]:
    """The collection while no worker runs, so that jobs wait to be cancelled; the programs with one."""
    try:
        with TemporaryDirectory() as storage, staged("clients", storage_url=f"file://{storage}") as stage:
            good = [reported("postman", lambda: live.postman(stage))] if "postman" in chosen else []
            if "shopping" in chosen:
                good += _shopping(stage)
            return [*good, reported("faults", lambda: _faults(stage))]
    except ServerError as error:
        sys.exit(str(error))


def _shopping(stage: Stage) -> list[bool]:
    with running_worker(stage.settings):
        return [
            reported("shop-ts", lambda: live.typescript(stage)),
            reported("shop-py", lambda: live.python(stage)),
        ]


def _faults(stage: Stage) -> str:
    if faults := stage.faults():
        raise FoundError("the server logged faults of its own", faults)
    return "the server logged none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
