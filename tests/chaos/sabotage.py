"""The worker program with one of its safeguards taken out: a chaos run that does not notice proves nothing.

`python -m tests.chaos.sabotage without_sweep|without_fence`
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from taskiq.cli.worker.run import run_worker

from schema.database import Database
from schema.engine import Document
from schema.jobs import outcomes, service
from schema.jobs.service import LEASE, Claim
from settings import config, logging
from tasks import worker
from tasks.__main__ import arguments
from tasks.broker import Doorbell
from tasks.run import Runner


def without_sweep() -> Doorbell:
    """Nobody looks for what the doorbell missed."""
    worker.sweep = _do_nothing  # type: ignore[assignment, attr-defined]  # sabotage
    return worker.create_broker()


def without_fence() -> Doorbell:
    """Whoever ever had a job may finish it, and is never told that another has it."""
    outcomes._held = _whoever_had_it  # noqa: SLF001  (sabotage)
    service.renew = _always_held  # type: ignore[assignment]  # sabotage
    return worker.create_broker()


async def _do_nothing(_: Runner) -> None:
    return


def _whoever_had_it(claim: Claim) -> Document:
    return {"_id": claim.id, "attempts.number": claim.attempt}


async def _always_held(_database: Database, claims: Sequence[Claim]) -> list[Claim]:
    for claim in claims:
        claim.certain_until = time.monotonic() + LEASE.total_seconds()
    return []


def main(name: str) -> None:
    """Run until a signal ends it."""
    settings = config.load()
    logging.configure(settings, "worker")
    sys.exit(run_worker(replace(arguments(settings), broker=f"tests.chaos.sabotage:{name}")))


if __name__ == "__main__":
    main(sys.argv[1])
