"""Metrics, the same for both programs: what Prometheus reads of all processes of a program, whichever it asks.

Counters and histograms of a process that has died still count. What is measured when it is asked for, like memory,
is there for each process that lives, by its pid.
"""

import os
from collections.abc import Iterable, Iterator
from hmac import compare_digest
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from typing_extensions import override

from settings.config import Settings
from settings.sharing import VARIABLE

CONTENT_TYPE = CONTENT_TYPE_LATEST

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends, in seconds, for what somebody waits for."""


def is_permitted(settings: Settings, authorization: str) -> bool:
    """Whether who sends this header may see how the program is: in production METRICS_TOKEN, as bearer token.

    Nobody may there while it is unset.
    """
    if not settings.is_production:
        return True
    token, (scheme, _, given) = settings.metrics_token.get_secret_value(), authorization.partition(" ")
    return bool(token) and scheme.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode())


def exposition(registry: CollectorRegistry, measured: Iterable[Metric] = ()) -> bytes:
    """All in Prometheus' text format: what the processes counted, they themselves, and what was just measured."""
    folder, shown = os.environ.get(VARIABLE), CollectorRegistry()
    pids = _living(folder) if folder else [os.getpid()]
    if folder:
        MultiProcessCollector(shown, folder)  # type: ignore[no-untyped-call]  # the library ships it so
    else:
        shown.register(registry)
    shown.register(_Given([*_processes(pids), *measured]))
    return generate_latest(shown)


class _Given(Collector):
    """Shows what is there already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    @override
    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _living(folder: str) -> list[int]:
    """The processes that count here and live; gauges of the others are forgotten."""
    pids = {int(file.stem.rpartition("_")[2]) for file in Path(folder).glob("*.db")}
    living = [pid for pid in sorted(pids) if _is_sibling(pid)]
    for pid in pids.difference(living):
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]  # the library ships it so
    return living


def _is_sibling(pid: int) -> bool:
    """Whether it has our parent: the number of a process that died may be another's."""
    if pid == os.getpid():
        return True
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) == os.getppid()
    except OSError:
        return False


def _processes(pids: Iterable[int]) -> list[Metric]:
    """CPU, memory and open files of each process, where the system tells of them."""
    together: dict[str, Metric] = {}
    for pid, metric in _process_metrics(pids):
        shown = together.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
        for sample in metric.samples:
            shown.add_sample(sample.name, {"pid": str(pid)}, sample.value)
    return list(together.values())


def _process_metrics(pids: Iterable[int]) -> Iterator[tuple[int, Metric]]:
    for pid in pids:
        for metric in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]  # bound now
            yield pid, metric
