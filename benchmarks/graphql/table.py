"""RESULTS.md: the figures as tables."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.graphql.figures import DEPLOYED, MOST_MEGABYTES, OURS, Figures, Ratio, ratio
from benchmarks.graphql.results import Results

_NOTHING = "-"


def document(results: Results) -> str:
    """The whole file."""
    return "\n\n".join(["# GraphQL beside its peers", *_parts(results)]) + "\n"


def _parts(results: Results) -> Iterator[str]:
    yield f"Written by `make bench` on {results.when}."
    yield f"Machine: {results.machine}.\n\nVersions: {', '.join(results.versions)}."
    yield (
        f"One process each, on the same MongoDB and Redis, with the same data, documents and answers; 32 connections, "
        f"{results.seconds:g} s a run, peers in turns, medians of {results.rounds} rounds. CPU is that of the process "
        "that serves, user and system."
    )
    yield "\n".join(f"- **{title}**: {results.about[name]}." for name, title in results.peers.items())
    yield from _of_requests(results) if results.cases else ()
    yield f"## Memory of the process\n\n{_memory(results)}"
    yield from results.sections


def _of_requests(results: Results) -> Iterator[str]:
    yield "![CPU of a request, as a multiple of Postberry's](RESULTS.svg)"
    for ours in (name for name in (OURS, DEPLOYED) if name in results.peers):
        yield f"## CPU of {results.peers[ours]}, as a share of its peers'\n\n{_ratios(results, ours)}"
    yield f"## CPU microseconds of a request\n\n{_each(results, lambda figures: f'{figures.microseconds:,.0f}')}"
    yield f"## Requests a second\n\n{_each(results, lambda figures: f'{figures.per_second:,.0f}')}"
    yield f"## Milliseconds until the answer, p50 / p99\n\n{_each(results, _milliseconds)}"


def _milliseconds(figures: Figures) -> str:
    return f"{figures.p50:.1f} / {figures.p99:.1f}"


def _ratios(results: Results, ours: str) -> str:
    peers = [name for name in results.peers if name not in (OURS, DEPLOYED)]
    rows = [
        [title, *(_ratio(ratio(results.compared, case, peer, ours)) for peer in peers)]
        for case, title in results.cases.items()
    ]
    return table(["", *(results.peers[peer] for peer in peers)], rows)


def _ratio(found: Ratio | None) -> str:
    if found is None:
        return _NOTHING
    return f"{found.value:.2f}{verdict(found.goal, is_reached=found.is_reached)}"


def verdict(goal: float | None, *, is_reached: bool, unit: str = "") -> str:
    """The goal, and whether it was reached; nothing without one."""
    return "" if goal is None else f" (≤ {goal:g}{unit}: {'reached' if is_reached else '**missed**'})"


def _each(results: Results, show: Callable[[Figures], str]) -> str:
    rows = [
        [title, *(_shown(results.compared[case].get(peer), show) for peer in results.peers)]
        for case, title in results.cases.items()
    ]
    return table(["", *results.peers.values()], rows)


def _shown(figures: Figures | None, show: Callable[[Figures], str]) -> str:
    return _NOTHING if figures is None else show(figures)


def _memory(results: Results) -> str:
    last = list(results.megabytes)[-1]
    rows = [
        [when, *(_megabytes(each[peer], MOST_MEGABYTES if (when, peer) == (last, OURS) else None) for peer in each)]
        for when, each in results.megabytes.items()
    ]
    return table(["", *results.peers.values()], rows)


def _megabytes(megabytes: float, goal: float | None) -> str:
    return f"{megabytes:.0f} MB{verdict(goal, is_reached=goal is None or megabytes < goal, unit=' MB')}"


def table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
