import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from tests.support import progress


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


COURSES = {
    "all at once": ([(2.0, 1_000)], "500/s"),
    "the most of it at the end": ([(1.0, 100), (2.0, 1_000)], "500/s"),
    "nothing for a while": ([(2.0, 0), (4.0, 1_000)], "250/s"),
    "not yet all": ([(1.0, 100), (2.0, 300)], "150/s"),
}


@pytest.mark.parametrize(("course", "rate"), COURSES.values(), ids=COURSES.keys())
def test_a_rate_is_what_was_done_in_all_the_time_of_its_step_and_stays_so(
    course: Sequence[tuple[float, int]], rate: str
) -> None:
    console, clock = Console(file=io.StringIO(), width=120), Clock()
    bars = progress.bars(console, clock)
    with progress.bar(bars, "products") as step:
        for clock.now, done in course:
            step.at(done, 1_000)
    for _ in range(3):
        assert f" {rate} " in _row(bars.get_renderable(), console)
        clock.now += 1_000


def _row(renderable: object, console: Console) -> str:
    with console.capture() as shown:
        console.print(renderable)
    return shown.get()
