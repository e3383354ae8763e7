"""What was made, and the Postman collection, on a live server."""

import sys
from pathlib import Path

import orjson

from audit.stage import Stage
from clients.collection import COLLECTION
from clients.generators import TYPESCRIPT
from clients.tools import FOLDER, node, npm_tool, shortened
from clients.walk import EXAMPLES
from tests.support.application import ada


def postman(stage: Stage) -> str:
    """Every request of the collection, by newman, beside a worker as everybody has one."""
    report = (FOLDER / "newman.json").resolve()
    given = {
        "url": stage.graphql,
        "administratorEmail": "admin@example.com",
        "administratorPassword": ada()["password"],
    }
    variables = [part for name, value in given.items() for part in ("--env-var", f"{name}={value}")]
    reporting: list[str | Path] = [
        "--reporters",
        "cli,json",
        "--reporter-json-export",
        report,
        "--color",
        "off",
        "--bail",
    ]
    npm_tool("newman", "run", COLLECTION, "--working-dir", EXAMPLES, *variables, *reporting, folder=Path())
    stats = orjson.loads(report.read_bytes())["run"]["stats"]
    return f"{stats['requests']['total']} requests, {stats['assertions']['total']} assertions"


def typescript(stage: Stage) -> str:
    """The program in TypeScript."""
    return node(TYPESCRIPT / "generated" / "js" / "shopping.js", stage.graphql).strip()


def python(stage: Stage) -> str:
    """The program in Python."""
    return shortened("clients.python.shopping", [sys.executable, "-m", "clients.python.shopping", stage.url]).strip()
