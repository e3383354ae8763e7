"""`python -m tasks`: the worker program."""

import sys

from taskiq.acks import AcknowledgeType
from taskiq.cli.common_args import LogLevel
from taskiq.cli.worker.args import WorkerArgs
from taskiq.cli.worker.run import run_worker

from settings import config, logging
from settings.config import Settings


def arguments(settings: Settings) -> WorkerArgs:
    """Taskiq's options; its process manager restarts a worker process that dies."""
    return WorkerArgs(
        broker="tasks.worker:create_broker",
        modules=[],
        configure_logging=False,
        log_level=LogLevel.WARNING,
        workers=settings.worker_processes,
        max_async_tasks=settings.worker_concurrency,
        ack_type=AcknowledgeType.WHEN_RECEIVED,
        wait_tasks_timeout=settings.worker_drain_timeout,
        shutdown_timeout=settings.worker_drain_timeout,
    )


def main() -> None:
    """Run until a signal ends it."""
    settings = config.load()
    logging.configure(settings, "worker")
    sys.exit(run_worker(arguments(settings)))


if __name__ == "__main__":
    main()
