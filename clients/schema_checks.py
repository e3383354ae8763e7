"""What can be said of `schema.graphql` alone."""

from pathlib import Path

import orjson

from audit.findings import FoundError, refuse
from clients.collection import COLLECTION, text
from clients.tools import HERE, node, npm_tool
from clients.walk import OPERATIONS
from graphql_api.schema import SDL

BREAKING = HERE / "breaking"
RELEASED, ALLOWED = BREAKING / "released.graphql", BREAKING / "allowed.json"


def lint(folder: Path = Path()) -> str:
    """graphql-eslint: the schema's rules and Relay's, descriptions of everything, and the rules for operations."""
    options: list[str | Path] = [
        "--config",
        HERE / "lint" / "eslint.config.mjs",
        "--max-warnings",
        "0",
        "--no-inline-config",
    ]
    npm_tool("eslint", *options, SDL, OPERATIONS, folder=folder)
    return f"nothing found in {SDL} and {len(_operations())} operations"


def breaking(folder: Path = Path()) -> str:
    """graphql-inspector: nothing is gone or changed that clients of the last release rely on, but what is allowed."""
    found = orjson.loads(node(BREAKING / "diff.mjs", RELEASED, folder / SDL, ALLOWED))
    refuse(found["refused"], "breaks clients of the last release; mend it, or allow it with a reason")
    refuse(found["unexplained"], "allowed without a reason")
    refuse(found["inVain"], "allowed, but not done")
    for line in [*found["allowed"], *found["dangerous"], *_without_texts(found["safe"])]:
        print(f"      {line}")
    counts = ", ".join(f"{len(found[each])} {each}" for each in ("allowed", "dangerous", "safe"))
    return f"nothing breaks since the last release: {counts}"


def names(folder: Path = Path()) -> str:
    """No name that generators for Swift and Kotlin would stumble over; graphql-js 15 and 16 read everything."""
    told = orjson.loads(node(HERE / "mobile" / "names.mjs", folder / SDL, *_operations()))
    refuse(told["found"], "names that Swift or Kotlin have, or what old parsers refuse")
    return f"{told['types']} types, {told['operations']} operations, scalars {', '.join(told['scalars'])}"


def collection() -> str:
    """The Postman collection is what the examples make now."""
    if not COLLECTION.exists() or COLLECTION.read_text() != text():
        raise FoundError(f"{COLLECTION} is not current: run `make collection` and commit it", [])
    return f"{COLLECTION} is current"


def _operations() -> list[Path]:
    return sorted(OPERATIONS.glob("*.graphql"))


def _without_texts(lines: list[str]) -> list[str]:
    """Changed descriptions are counted, and no more."""
    return [line for line in lines if "_DESCRIPTION_" not in line]
