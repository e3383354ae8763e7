"""`python -m tasks`: the worker program."""

import sys

from taskiq.acks import AcknowledgeType
from taskiq.cli.common_args import LogLevel
from taskiq.cli.worker.args import WorkerArgs
from taskiq.cli.worker.run import run_worker

from settings import config, logging
from settings.config import Settings
from settings.sharing import shared_metrics

CLAIM_SECONDS = 2
"""How long rings already heard may wait for a free slot when the worker stops: a sweep finds their jobs later."""


def arguments(settings: Settings) -> WorkerArgs:
    """Taskiq's options; its process manager restarts a worker process that dies.

    A task of Taskiq only claims: jobs run beside it, and are finished within the broker's shutdown.
    """
    return WorkerArgs(
        broker="tasks.worker:create_broker",
        modules=[],
        configure_logging=False,
        log_level=LogLevel.WARNING,
        workers=settings.worker_processes,
        max_async_tasks=settings.worker_concurrency,
        ack_type=AcknowledgeType.WHEN_RECEIVED,
        wait_tasks_timeout=CLAIM_SECONDS,
        shutdown_timeout=settings.stop_grace,
    )


def main() -> None:
    """Run until a signal ends it."""
    settings = config.load()
    logging.configure(settings, "worker")
    with shared_metrics():
        sys.exit(run_worker(arguments(settings)))


if __name__ == "__main__":
    main()
