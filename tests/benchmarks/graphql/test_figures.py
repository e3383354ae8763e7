import pytest

from benchmarks.graphql.figures import Figures, Ratio, ratio
from benchmarks.graphql.load import Run
from tests.benchmarks.graphql.shared import figures


def test_a_run_knows_what_one_request_cost() -> None:
    run = Run(requests=4_000, seconds=2, cpu=1, p50=1, p99=2)
    assert (run.microseconds, run.per_second) == (250, 2_000)


def test_one_slow_round_does_not_count() -> None:
    rounds = [Run(1_000, seconds, cpu, p50, 9) for seconds, cpu, p50 in ((1, 0.25, 1), (50, 5, 70), (2, 0.5, 3))]
    assert Figures.of(rounds) == Figures(microseconds=500, per_second=500, p50=3, p99=9)


def test_our_share_stands_beside_its_goal() -> None:
    compared = {"byid": {"postberry": figures(100), "apollo": figures(400)}}
    assert ratio(compared, "byid", "apollo") == Ratio(0.25, goal=0.5)


def test_who_was_not_measured_has_none() -> None:
    assert ratio({"byid": {"postberry": figures(100)}}, "byid", "apollo") is None
    assert ratio({"byid": {"apollo": figures(100)}}, "byid", "apollo") is None
    assert ratio({}, "byid", "apollo") is None


@pytest.mark.parametrize(("value", "is_reached"), [(0.4, True), (0.404, True), (0.406, False), (1.0, False)])
def test_a_goal_is_reached_as_the_share_is_shown(value: float, *, is_reached: bool) -> None:
    assert Ratio(value, goal=0.4).is_reached is is_reached


def test_without_a_goal_any_share_will_do() -> None:
    assert Ratio(9.9, goal=None).is_reached
