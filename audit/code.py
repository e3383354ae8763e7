"""The product's own code: bandit, and the house's rules in semgrep."""

import re
import shutil
from pathlib import Path

import orjson

from audit.findings import refuse
from audit.stage import FOLDER
from audit.tools import HERE, run, tool

PRODUCT = ("graphql_api", "schema", "settings", "tasks")
JUDGED = {
    "B104": ("settings/urls.py", "0.0.0.0 is one of the addresses that an operator may give"),
    "B105": (
        (
            "schema/confirmations/model.py schema/errors.py schema/jobs/envelope.py schema/jobs/messages.py "
            "schema/jobs/outcomes.py schema/jobs/service.py settings/config.py"
        ),
        "kinds of tokens and letters, fields of a job's lease, and the secret that production refuses",
    ),
    "B311": ("schema/jobs/retry.py tasks/sweep.py", "jitter of waiting, which is no secret"),
    "B404": (
        "graphql_api/pages/bundle.py graphql_api/pages/node.py graphql_api/__main__.py",
        "it bundles pages, on the developer's command; it tries the file of trusted documents",
    ),
    "B603": (
        "graphql_api/pages/bundle.py graphql_api/pages/node.py graphql_api/__main__.py",
        "node, npm and this Python with arguments of our own, without a shell",
    ),
}
"""What bandit finds and is as it should be: by its test, where, and why."""

RULES = HERE / "rules" / "house.yml"
PLANTED = HERE / "rules" / "planted"

_OFFLINE = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"}


def bandit() -> str:
    """No finding of any severity but what was judged, and that still there."""
    said = run([tool("bandit"), "--quiet", "--recursive", "--format", "json", *PRODUCT], fine=(0, 1))
    report = orjson.loads(said)
    judged = {(test, path) for test, (paths, _) in JUDGED.items() for path in paths.split()}
    told = {
        (each["test_id"], each["filename"]): f"{each['filename']}:{each['line_number']} {each['issue_text']}"
        for each in report["results"]
    }
    refuse([text for key, text in told.items() if key not in judged], "found")
    refuse([f"{path}: {test} is not there any more" for test, path in sorted(judged - told.keys())], "judged in vain")
    return f"nothing in {report['metrics']['_totals']['loc']:,} lines but {len(judged)} that were judged, with a reason"


def semgrep() -> str:
    """Each rule finds what was planted for it, where it was planted, and the product has none."""
    rules = set(re.findall(r"^  - id: (\S+)", RULES.read_text(), re.MULTILINE))
    refuse(sorted(rules ^ {rule for rule, _ in _planted()}), "rules without a planted violation, or the reverse")
    refuse(
        [f"{rule} in line {line}" for rule, line in sorted(_planted() ^ _found_of_planted())],
        "planted, or found, alone",
    )
    refuse([f"{path}:{line} {rule}" for rule, path, line in _scan([*PRODUCT])], "found")
    return f"none of {len(rules)} rules broken; each found what was planted for it"


def _planted() -> set[tuple[str, int]]:
    """Which rule has to find something, and in which line."""
    lines = (PLANTED / "violations.txt").read_text().splitlines()
    marked = ((number, re.search(r"# breaks: ([\w-]+)$", line)) for number, line in enumerate(lines, 1))
    return {(found[1], number) for number, found in marked if found}


def _found_of_planted() -> set[tuple[str, int]]:
    """Under a name of Python's: as text it bothers no other tool."""
    target = FOLDER / "planted" / "violations.py"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(PLANTED / "violations.txt", target)
    return {(rule, line) for rule, _, line in _scan([str(target)])}


def _scan(targets: list[str]) -> list[tuple[str, str, int]]:
    command: list[str | Path] = [tool("semgrep"), "scan", "--config", RULES, "--json", "--quiet", "--metrics", "off"]
    path = f"{tool('semgrep').parent}:/usr/bin:/bin"
    said = run([*command, "--no-git-ignore", *targets], environment=_OFFLINE | {"PATH": path})
    report = orjson.loads(said)
    refuse([str(error.get("message", error)) for error in report["errors"]], "semgrep could not read everything")
    return [(each["check_id"].rpartition(".")[2], each["path"], each["start"]["line"]) for each in report["results"]]
