"""What was made, and the Postman collection, on a live server."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from audit.findings import FoundError, failed, refuse, reported
from audit.stage import Stage, staged
from clients.collection import COLLECTION
from clients.generators import TYPESCRIPT
from clients.tools import FOLDER, node, npm_tool, shortened
from clients.walk import EXAMPLES
from tests.support.application import ada
from tests.support.processes import ServerError
from tests.support.worker import running_worker


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


GROUPS: dict[str, dict[str, Callable[[Stage], str]]] = {
    "postman": {"postman": postman},
    "shopping": {"shop-ts": typescript, "shop-py": python},
}
"""What can be asked for, and the checks each is."""


def checked(groups: Sequence[str]) -> list[bool]:
    """Whether each found nothing, nor the server's log; beside a worker, as users have it."""
    try:
        with TemporaryDirectory() as storage, staged("clients", storage_url=f"file://{storage}") as stage:
            with running_worker(stage.settings):
                checks = [each for group in groups for each in GROUPS[group].items()]
                good = [reported(name, partial(check, stage)) for name, check in checks]
            return [*good, reported("faults", partial(_faults, stage))]
    except FoundError as error:
        return [failed("shop", error)]
    except ServerError as error:
        sys.exit(str(error))


def _faults(stage: Stage) -> str:
    refuse(stage.faults(), "the server logged faults of its own")
    return "the server logged none"
