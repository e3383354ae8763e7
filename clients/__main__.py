"""`make clients`: a line for each check; status 1 if any found something.

`make clients ONLY="lint breaking"` runs some; `shopping` runs what `typescript` and `python` have made.
"""

import sys

from audit.findings import Check, reported
from clients import generators, live, schema_checks
from clients.frontend import frontend
from clients.planted import planted
from clients.tools import install
from tests.support.variables import refuse

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


def main(names: list[str]) -> int:
    """0 when nothing was found."""
    chosen = names or [*CHECKS, *live.GROUPS]
    if unknown := set(chosen) - {*CHECKS, *live.GROUPS}:
        refuse(f"There is no check {', '.join(sorted(unknown))}, but {', '.join([*CHECKS, *live.GROUPS])}.")
    if not reported("install", install):
        return 1
    good = [reported(name, check) for name, check in CHECKS.items() if name in chosen]
    if groups := [name for name in live.GROUPS if name in chosen]:
        good += live.checked(groups)
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
