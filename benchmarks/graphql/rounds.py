"""The requests: every peer in turn for a short time, and so on for some rounds."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from benchmarks.graphql.answers import ask, require_same
from benchmarks.graphql.cases import Case
from benchmarks.graphql.data import Data
from benchmarks.graphql.figures import Figures
from benchmarks.graphql.load import Load, Run
from benchmarks.graphql.options import Options
from benchmarks.graphql.peers import Peer
from benchmarks.graphql.places import FOLDER
from benchmarks.graphql.programs import answer_of
from tests.support.progress import Step

WARM_SECONDS, SECONDS = 3.0, 1.5

WITHOUT = {"endpoint": frozenset({"place"})}
"""What a peer has no answer to."""


def say(text: str) -> None:
    """A step, for who waits."""
    print(text, file=sys.stderr, flush=True)


def compare(case: Case, peers: Sequence[Peer], data: Data, options: Options, step: Step) -> Mapping[str, Figures]:
    """The medians of each peer that has an answer; DifferentAnswerError where one has another."""
    able = [peer for peer in peers if case.name not in WITHOUT.get(peer.name, ())]
    token = data.token(case.who) if case.who else None
    answers = [ask(peer.url, case, token) for peer in able]
    for peer, answer in zip(able, answers, strict=True):
        require_same(peer.name, answer, answers[0])
    case.write(FOLDER)
    for peer in able:
        send(case, peer, token, WARM_SECONDS * options.scale)
    rounds = [[_timed(case, peer, token, options) for peer in able] for _ in _told(options.rounds, step)]
    return {peer.name: Figures.of(runs) for peer, runs in zip(able, zip(*rounds, strict=True), strict=True)}


def _told(rounds: int, step: Step) -> Iterator[int]:
    for number in range(rounds):
        step.at(number, rounds)
        yield number
    step.at(rounds, rounds)


def _timed(case: Case, peer: Peer, token: str | None, options: Options) -> Run:
    run = send(case, peer, token, SECONDS * options.scale)
    say(f"{case.name:10}{peer.name:16}{run.microseconds:8.0f} µs{run.per_second:8.0f}/s{run.p99:8.1f} ms")
    return run


def send(case: Case, peer: Peer, token: str | None, seconds: float) -> Run:
    """One run of a case that was written."""
    return loaded(Load(peer.port, peer.pid, str(FOLDER / f"{case.name}.jsonl"), token, seconds))


def loaded(load: Load) -> Run:
    """What a process of its own makes of it."""
    return Run(**answer_of("load", asdict(load)))
