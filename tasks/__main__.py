"""`python -m tasks`: the worker program."""

import sys

from taskiq.acks import AcknowledgeType
from taskiq.cli.common_args import LogLevel
from taskiq.cli.worker.args import WorkerArgs

from schema import startup
from settings import config, logging
from settings.config import Settings
from settings.sharing import shared_metrics
from tasks import worker
from tasks.metrics import port_kept
from tasks.processes import WorkerProcesses

CLAIM_SECONDS = 0.2
"""How long rings already heard may wait for a free slot when the worker stops: a sweep finds their jobs later."""

_NEVER = 1_000_000


def arguments(settings: Settings) -> WorkerArgs:
    """Taskiq's options. A task of Taskiq only claims: jobs run beside it, and end within the broker's shutdown.

    What the processes import is imported here: they are forked and need not do it again.
    """
    return WorkerArgs(
        broker=f"{worker.__name__}:{worker.create_broker.__name__}",
        modules=[],
        configure_logging=False,
        log_level=LogLevel.WARNING,
        workers=settings.worker_processes,
        max_async_tasks=settings.worker_concurrency,
        ack_type=AcknowledgeType.WHEN_RECEIVED,
        wait_tasks_timeout=CLAIM_SECONDS,
        shutdown_timeout=settings.stop_grace,
        hardkill_count=_NEVER,  # the parent alone decides when a signal is one too many: a terminal sends it to all
    )


def main() -> None:
    """Run until a signal ends it."""
    settings = config.load()
    logging.configure(settings, "worker")
    if status := startup.prepare(settings, "worker"):
        sys.exit(status)
    with shared_metrics(), port_kept(settings):
        sys.exit(WorkerProcesses(arguments(settings), settings.stop_grace).start())


if __name__ == "__main__":
    main()
