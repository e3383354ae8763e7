"""Three who ask: somebody, a customer and an administrator."""

import os
import re
from pathlib import Path

import httpx

from audit.findings import FoundError, refuse
from audit.stage import FOLDER, Stage
from audit.tools import run, tool
from tests.support import variables

SECONDS = variables.whole(os.environ, "SECONDS", 300, least=3)
SEED = variables.whole(os.environ, "SEED", 7, least=0)
ENDS_THE_SESSION = "Mutation.userSignOut"
"""All that comes after it would be asked by nobody; it is asked by who is not signed in."""


def check(stage: Stage) -> str:
    """No answer that is our fault, and none in the log."""
    askers = {"anonymous": "", "customer": stage.customer, "administrator": stage.administrator}
    counts = {name: _fuzz(stage, token, SECONDS // len(askers)) for name, token in askers.items()}
    refuse(stage.faults(), "the log tells of faults")
    refuse([name for name, token in askers.items() if token and not _is_somebody(stage, token)], "no longer signed in")
    cases = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"no server error in {SECONDS} s of fuzzing and stateful: {cases} cases"


def _fuzz(stage: Stage, token: str, seconds: int) -> int:
    """How many cases were tried."""
    who = ["--header", f"Authorization: Bearer {token}", "--exclude-name", ENDS_THE_SESSION] if token else []
    said = run(
        [
            tool("schemathesis"),
            "run",
            Path("schema.graphql").absolute(),
            *("--url", stage.graphql, "--max-time", str(seconds), "--seed", str(SEED), "--workers", "2"),
            *("--phases", "fuzzing,stateful", "--checks", "is_no_fault_of_ours", "--continue-on-failure"),
            *("--generation-database", "none", "--suppress-health-check", "all", "--no-color"),
            *who,
        ],
        seconds + 120,
        {"SCHEMATHESIS_HOOKS": "audit.fuzzing.hooks", "PYTHONPATH": str(Path.cwd()), "AUDIT_IDS": stage.ids},
        cwd=FOLDER,
    )
    (FOLDER / "schemathesis.log").write_text(said)
    if not (count := re.search(r"(\d+) generated", said)):
        raise FoundError("schemathesis tried nothing", said.splitlines()[-30:])
    return int(count[1])


def _is_somebody(stage: Stage, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(stage.graphql, json={"query": "{me{user{id}}}"}, headers=headers, timeout=30).json()
    return bool((answer.get("data") or {}).get("me"))
