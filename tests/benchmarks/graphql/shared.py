"""Results as a run gives them."""

from benchmarks.graphql.figures import Compared, Figures
from benchmarks.graphql.results import Results

PEERS = {"postberry": "Postberry", "endpoint": "hand-written endpoint", "apollo": "Apollo & Mongoose"}


def figures(microseconds: float) -> Figures:
    """Those of a peer whose requests take so much CPU."""
    return Figures(microseconds, per_second=1500, p50=2.5, p99=10.25)


def results(compared: Compared, megabytes: float = 100) -> Results:
    """A run of these cases, on some machine."""
    return Results(
        when="2026-06-30",
        machine="2 cores",
        versions=["Postberry 1.0.0", "Python 3.11.7"],
        rounds=3,
        seconds=1.5,
        cases={name: f"`{name}`" for name in compared},
        peers=PEERS,
        about=dict.fromkeys(PEERS, "what it has"),
        compared=compared,
        megabytes={"first": dict.fromkeys(PEERS, 200), "last": dict.fromkeys(PEERS, megabytes)},
        sections=["## Sign-ups\n\nMany."],
    )
