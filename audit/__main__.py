"""`make audit`: a line for each audit; status 1 if any found something. `make audit ONLY="bandit sbom"` runs some."""

import sys
from contextlib import ExitStack

from audit import code, exposure, guesses, specification, supplies
from audit.findings import Check, FoundError, failed, reported
from audit.fuzzing import run as fuzzing
from audit.stage import Stage, staged
from settings.config import AppEnv
from tests.support.processes import ServerError
from tests.support.variables import refuse

STATIC: dict[str, Check] = {
    "hashes": supplies.hashes,
    "licences": supplies.licences,
    "sbom": supplies.sbom,
    "bandit": code.bandit,
    "semgrep": code.semgrep,
}
RUNNING = ("graphql-http", "graphql-cop", "clairvoyance", "schemathesis")


def main(names: list[str]) -> int:
    """0 when nothing was found."""
    chosen = names or [*STATIC, *RUNNING]
    if unknown := set(chosen) - {*STATIC, *RUNNING}:
        refuse(f"There is no audit {', '.join(sorted(unknown))}, but {', '.join([*STATIC, *RUNNING])}.")
    good = [reported(name, audit) for name, audit in STATIC.items() if name in chosen]
    if any(name in RUNNING for name in chosen):
        good += _against_a_running_api(chosen)
    return int(not all(good))


def _against_a_running_api(chosen: list[str]) -> list[bool]:
    try:
        with ExitStack() as stack:
            stage = stack.enter_context(staged("production", rate_limit_enabled=False))
            told = {"query_max_errors": guesses.ERRORS, "rate_limit_enabled": False}
            talkative = stack.enter_context(staged("talkative", **told))
            control = stack.enter_context(staged("development", app_env=AppEnv.DEVELOPMENT, **told))
            audits = _audits(stage, talkative, control)
            return [reported(name, audit) for name, audit in audits.items() if name in chosen]
    except FoundError as error:
        return [failed("shop", error)]
    except ServerError as error:
        sys.exit(str(error))


def _audits(stage: Stage, talkative: Stage, control: Stage) -> dict[str, Check]:
    return {
        "graphql-http": lambda: specification.check(stage),
        "graphql-cop": lambda: exposure.check(stage, control),
        "clairvoyance": lambda: guesses.check(talkative, control),
        "schemathesis": lambda: fuzzing.check(stage),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
