"""Structured logging, the same for every program: a module that logs says `log = structlog.get_logger(__name__)`.

Each line has `timestamp level event requestId pid program logger` and the caller's own keys, of which those that look
secret are redacted. It goes to the console (stderr: standard output belongs to what a command prints) and to
`LOG_DIR/app.log`, errors also to `LOG_DIR/error.log`. The files are JSON lines, and so is the console, save in
development, where it is aligned and without what is empty, and coloured on a terminal or with FORCE_COLOR set.
"""

import asyncio
import contextlib
import functools
import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

import structlog
from structlog.typing import EventDict
from typing_extensions import override

from settings.config import EXIT_BAD_SETTINGS, AppEnv, Settings
from settings.rendering import Rendered, for_development, for_machines, joined, redacted
from settings.rotation import SharedLogFile
from settings.tracing import with_span

_STDERR = 2
SOON = "soon"
"""Beside its name, of a logger of an event loop: its lines are written together, up to an error, which is at once."""

_QUIET = ("asyncio", "pymongo", "taskiq")
"""Libraries whose news of every connection or task drowns ours: from them, warnings and worse only."""


def configure(settings: Settings, program: str) -> None:
    """Send every line of this process, structlog's and the standard library's, where the settings say.

    Entry points call it once, first; in a child process, call it again. Exits with status 78 and one message when
    LOG_DIR cannot be written. uvicorn must be given `log_config=None`, or it sends its own lines elsewhere.
    """
    outputs = _Outputs(settings)
    outputs.check()
    colors = os.isatty(_STDERR) or bool(os.environ.get("FORCE_COLOR"))
    columns = functools.partial(for_development, colors=colors)
    render = columns if settings.app_env is AppEnv.DEVELOPMENT else for_machines
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *([with_span] if settings.otel_exporter_otlp_endpoint else []),
            structlog.processors.format_exc_info,
            redacted,
            functools.partial(_with_standard_keys, program),
            lambda _logger, _method, event: ((render(event),), {}),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=functools.partial(_Logger, outputs),
        # A cached logger of a forked child would keep what its parent configured; looking it up costs 2 µs.
        cache_logger_on_first_use=False,
    )
    _take_over_the_standard_library(outputs, settings.log_level)


@contextlib.contextmanager
def request_scope(request_id: str) -> Iterator[None]:
    """Within it, every line of this task or thread, and of tasks started there, carries `requestId`."""
    tokens = structlog.contextvars.bind_contextvars(requestId=request_id)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**tokens)


class _Outputs(logging.Handler):
    """Where lines go; as a handler also the way in for libraries that log with the standard library."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._app, self._errors = (
            SharedLogFile(settings.log_dir / name, settings.log_max_bytes, settings.log_backups)
            for name in ("app.log", "error.log")
        )
        self._failing = False
        self._waiting: list[Rendered] = []
        os.register_at_fork(after_in_child=self._forget)

    def check(self) -> None:
        """Exit when the files cannot be written."""
        try:
            self._app.check()
            self._errors.check()
        except OSError as error:
            sys.stderr.write(f"Postberry cannot start, LOG_DIR cannot be written: {error}.\n")
            raise SystemExit(EXIT_BAD_SETTINGS) from None

    def write(self, rendered: Rendered, *, is_error: bool) -> None:
        """Put one line everywhere it belongs, after those that wait."""
        with self._alone():
            self.flush()
            self._put(rendered, (self._app, self._errors) if is_error else (self._app,))

    def write_soon(self, rendered: Rendered) -> None:
        """The same once the event loop has done what it does now, with all that waits then: a write costs 10 µs."""
        with self._alone():
            if not self._waiting:
                asyncio.get_running_loop().call_soon(self.flush)
            self._waiting.append(rendered)

    @override
    def flush(self) -> None:
        with self._alone():
            fresh: list[Rendered] = []  # made before: the collector may run here, and what it ends may log
            waiting, self._waiting = self._waiting, fresh
            for rendered in joined(waiting):
                self._put(rendered, (self._app,))

    def _forget(self) -> None:
        """What waits is its parent's, which writes it."""
        self._waiting = []

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def _put(self, rendered: Rendered, files: tuple[SharedLogFile, ...]) -> None:
        """A file that fails is told of once and harms nobody."""
        try:
            _write_to_console(rendered.console)
            self._write_to_files(rendered.line, files)
        except OSError as error:
            if not self._failing:
                self._failing = True
                structlog.get_logger(__name__).critical("log files cannot be written", error=error)

    def _write_to_files(self, line: bytes, files: tuple[SharedLogFile, ...]) -> None:
        for file in files:
            file.append(line)
        self._failing = False

    @override
    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        log = structlog.get_logger(record.name)
        try:
            log.log(level, record.getMessage(), exc_info=record.exc_info)
        except Exception:  # the standard library's contract: a bad record never harms who logs it
            log.exception("log record cannot be formatted", template=str(record.msg))

    @override
    def close(self) -> None:
        self._app.close()
        self._errors.close()
        super().close()


class _Logger:
    """What structlog's bound loggers end in: a method per level, given the rendered line."""

    def __init__(self, outputs: _Outputs, name: str = "postberry", when: str = "") -> None:
        self.name = name
        self._outputs = outputs
        self._is_patient = when == SOON

    def info(self, rendered: Rendered) -> None:
        if self._is_patient:
            self._outputs.write_soon(rendered)
        else:
            self._outputs.write(rendered, is_error=False)

    def error(self, rendered: Rendered) -> None:
        self._outputs.write(rendered, is_error=True)

    debug = warning = info
    critical = error


def _with_standard_keys(program: str, logger: _Logger, method: str, event: EventDict) -> EventDict:
    standard = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": method,
        "event": event.pop("event"),
        "requestId": event.pop("requestId", None),
        "pid": os.getpid(),
        "program": program,
        "logger": logger.name,
    }
    return {**standard, **event, **standard}  # the first sets the order, the last the values


def _write_to_console(line: bytes) -> None:
    with contextlib.suppress(OSError):  # whoever read it is gone, or slow: the files have the line
        os.write(_STDERR, line)


def _take_over_the_standard_library(outputs: _Outputs, level: str) -> None:
    logging.basicConfig(handlers=[outputs], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("slowapi").setLevel(logging.ERROR)  # it would name the address of each request it refuses
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "taskiq"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"  # each request is logged by ourselves
    sys.excepthook = _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        structlog.get_logger(__name__).critical("uncaught exception", exc_info=(kind, error, trace))
