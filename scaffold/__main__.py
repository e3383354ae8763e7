"""`make new SLICE=reviews`: an empty slice, its tests, its hooks and schema.graphql; `ONE=review` says the singular."""

import sys
from pathlib import Path

from scaffold.names import Names, Refused
from scaffold.plan import planned
from scaffold.writing import write

_NEXT = """{slice} is there, and one of them is {one} (ONE=… says it otherwise).
It is in schema/{slice}/, its tests in tests/schema/{slice}/, and schema.graphql shows it.
Try it: make test ARGS="-n 0 tests/schema/{slice}"
Go on: docs/add-a-field.md, docs/add-a-permission.md. Who has an account may do everything with it until you say else.
"""


def main(arguments: list[str]) -> int:
    """0 when the slice is there; else a sentence, nothing is changed, and 1: it cannot be, 2: called wrongly."""
    given, single = [*arguments, "", ""][:2]
    if not given:
        sys.stderr.write("Say which, in the plural: make new SLICE=reviews\n")
        return 2
    try:
        names = Names.of(given, single)
        write(planned(Path(), names))
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    sys.stdout.write(_NEXT.format(slice=names.slice, one=names.one))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
