"""`make bench`: the GraphQL API beside its peers, into benchmarks/RESULTS.md and benchmarks/RESULTS.svg."""

import os
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import production
from benchmarks.graphql import distinct, endurance, machine, peers, plot, signups, subscriptions, table
from benchmarks.graphql.cases import NAMES, Case, cases
from benchmarks.graphql.data import Data, fill
from benchmarks.graphql.figures import Compared
from benchmarks.graphql.options import Options
from benchmarks.graphql.peers import Peer
from benchmarks.graphql.places import FOLDER, PEERS, Places, places
from benchmarks.graphql.results import Results
from benchmarks.graphql.rounds import SECONDS, compare, say
from benchmarks.letters.measure import resident_megabytes, running_sink
from tests.support import progress
from tests.support.servers import start_mongodb, start_redis

_CASES = (*NAMES, distinct.NAME, signups.NAME, subscriptions.NAME)


def main() -> int:
    """0 when there are figures."""
    options = Options.of(os.environ, _CASES, peers.KNOWN)
    _allow_files()
    peers.install()
    python = production.python()
    with ExitStack() as stack:
        where = _places(stack, python)
        data = fill(where.settings, PEERS)
        running = [stack.enter_context(peers.running(name, where)) for name in options.chosen(peers.KNOWN)]
        results = _measured(options, where, data, running)
    _write(results, Path("benchmarks") if options.is_whole else FOLDER)
    return 0


def _places(stack: ExitStack, python: Path) -> Places:
    """Servers of this run's own."""
    say("starting the servers and filling them")
    mongodb = stack.enter_context(start_mongodb(FOLDER / "mongodb"))
    redis = stack.enter_context(start_redis(FOLDER))
    return places(mongodb.url, redis.url, stack.enter_context(running_sink(FOLDER)), python)


def _measured(options: Options, where: Places, data: Data, running: Sequence[Peer]) -> Results:
    fresh = _megabytes(running)
    wanted = {name: case for name, case in cases(data).items() if options.wants(name)}
    compared = _compared(wanted, running, data, options)
    memory = {"after its start": fresh, "after the requests above": _megabytes(running)}
    sections = list(_sections(options, where, data, running))
    return Results(
        when=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=machine.machine(),
        versions=machine.versions(where),
        rounds=options.rounds,
        seconds=SECONDS * options.scale,
        cases={name: case.title for name, case in wanted.items()},
        peers={peer.name: peer.title for peer in running},
        about={peer.name: peers.KNOWN[peer.name].about for peer in running},
        compared=compared,
        megabytes=memory | {"after everything": _megabytes(running)},
        sections=sections,
    )


def _compared(wanted: Mapping[str, Case], running: Sequence[Peer], data: Data, options: Options) -> Compared:
    """Case by case."""
    compared = {}
    with progress.shown(progress.silently) as steps:
        for name, case in wanted.items():
            with steps(f"rounds of {name}") as step:
                compared[name] = compare(case, running, data, options, step)
    return compared


def _sections(options: Options, where: Places, data: Data, running: Sequence[Peer]) -> Iterator[str]:
    """What is measured beside the requests."""
    if options.wants(distinct.NAME):
        yield distinct.section(running, data, options)
    if options.wants(signups.NAME):
        yield signups.section(running, where, options)
    if options.wants(subscriptions.NAME):
        yield subscriptions.section(running, data, where, options)
    if options.requests:
        yield endurance.section(running, data, options.requests)


def _megabytes(running: Sequence[Peer]) -> dict[str, float]:
    """Of each process, now."""
    return {peer.name: resident_megabytes(peer.pid) for peer in running}


def _allow_files() -> None:
    """As many as the system has: each subscriber is one, here and at whoever is asked."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _write(results: Results, folder: Path) -> None:
    """A run of a part says nothing of the whole: it is shown, and does not stand in place of that."""
    text = table.document(results)
    (folder / "RESULTS.md").write_text(text)
    (folder / "RESULTS.svg").write_text(plot.drawn(results))
    print(text)
    say(f"written to {folder}/RESULTS.md and {folder}/RESULTS.svg")


if __name__ == "__main__":
    sys.exit(main())
