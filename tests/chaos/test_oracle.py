from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from tests.chaos import oracle
from tests.chaos.faults import Fault
from tests.chaos.oracle import ORDER, Count
from tests.chaos.report import AFTERMATH, RECOVERY, Injected, Run, lines

ADA, BOB = "ada@example.com", "bob@example.com"

Rows = list[tuple[object, ...]]


def write(path: Path, rows: Rows) -> None:
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))


def count(folder: Path, asked: Rows, acknowledged: Rows, accepted: Rows) -> Count:
    """The books of orders: when, key, recipient; of answers: when, key, job; of letters: when, job, recipient."""
    write(folder / "asked", [(at, key, ORDER, to) for at, key, to in asked])
    write(folder / "acknowledged", acknowledged)
    write(folder / "accepted", [(at, f"<{job}@example.org>", to) for at, job, to in accepted])
    return oracle.count(folder)


def copies(folder: Path, *times: float) -> Count:
    """The books of an order whose letter came at these times, and of one that went through afterwards."""
    letters: Rows = [*((at, "a", ADA) for at in times), (22, "b", BOB)]
    return count(folder, [(0, "k", ADA), (20, "l", BOB)], [(1, "k", "a"), (21, "l", "b")], letters)


def run(count: Count, *injected: Injected, finished_twice: int = 0) -> Run:
    return Run(count, list(injected), finished_twice, 0, 0)


def kill(began: float, ended: float, *, may_double: bool = True) -> Injected:
    return Injected(Fault("worker killed", lambda _stage, _dice: None, may_double), began, ended)


def test_a_run_in_which_every_letter_came_once_is_right(tmp_path: Path) -> None:
    books = count(
        tmp_path,
        [(0, "k", ADA), (0.5, "l", BOB), (3, "m", ADA)],
        [(1, "k", "a"), (2, "l", "b"), (2.5, "l", "b")],
        [(1.5, "a", ADA), (4, "b", BOB), (5, "c", ADA)],
    )
    assert run(books).is_right
    assert (books.missing, books.astray, books.doubles, books.slowest_letter) == ([], [], [], 2)
    assert (books.slowest_answer, books.silence) == (1.5, 1)


def test_a_run_without_an_answer_is_wrong(tmp_path: Path) -> None:
    assert not run(oracle.count(tmp_path)).is_right


def test_a_letter_that_did_not_come_is_missing(tmp_path: Path) -> None:
    books = count(tmp_path, [(0, "k", ADA), (0, "l", ADA)], [(1, "k", "a"), (1, "l", "b")], [(2, "b", ADA)])
    assert [promise.job_id for promise in books.missing] == ["a"]
    assert not run(books).is_right


def test_a_letter_to_somebody_else_is_astray(tmp_path: Path) -> None:
    books = count(tmp_path, [(0, "k", ADA)], [(1, "k", "a")], [(2, "a", BOB)])
    assert [letter.recipient for letter in books.astray] == [BOB]
    assert not run(books).is_right


def test_a_key_that_got_two_jobs_was_done_twice(tmp_path: Path) -> None:
    letters: Rows = [(2, "a", ADA), (3, "b", ADA)]
    books = count(tmp_path, [(0, "k", ADA)], [(1, "k", "a"), (2, "k", "b")], letters)
    assert books.done_twice == ["k"]
    assert not run(books).is_right


@pytest.mark.parametrize(
    ("unanswered", "unasked"), [([], 2), ([ADA], 1), ([ADA, ADA], 0), ([ADA, ADA, ADA], 0), ([ADA, BOB], 1)]
)
def test_a_letter_nobody_was_promised_is_owed_to_a_key_that_was_never_answered(
    tmp_path: Path, unanswered: list[str], unasked: int
) -> None:
    asked: Rows = [(0, "k", ADA), *((1, f"lost-{number}", to) for number, to in enumerate(unanswered))]
    books = count(tmp_path, asked, [(1, "k", "a")], [(2, "a", ADA), (3, "b", ADA), (4, "c", ADA)])
    assert books.unasked == unasked
    assert run(books).is_right is (unasked == 0)


@pytest.mark.parametrize(
    ("beside", "is_right"),
    [
        ([kill(2.5, 3.5)], True),
        ([kill(1, 2.5), kill(9, 10)], True),
        ([kill(0, 1.9)], False),
        ([kill(4.1, 5)], False),
        ([kill(2.5, 3.5, may_double=False)], False),
        ([], False),
    ],
)
def test_a_double_is_right_only_where_a_worker_was_stopped_between_the_two(
    tmp_path: Path, *, beside: list[Injected], is_right: bool
) -> None:
    books = copies(tmp_path, 2, 4)
    assert [(before.at, again.at) for before, again in books.doubles] == [(2, 4)]
    assert run(books, *beside).is_right is is_right


@pytest.mark.parametrize(
    ("times", "beside", "unexplained"),
    [
        ((2, 4, 6), [kill(2.5, 3.5), kill(4.5, 5.5)], []),
        ((2, 4, 6), [kill(3, 5)], [(4, 6)]),
        ((2, 4, 6), [kill(2.5, 3.5)], [(4, 6)]),
        ((2, 4, 6), [kill(4.5, 5.5)], [(2, 4)]),
        ((2, 4, 6), [kill(3, 5), kill(2.5, 3.5)], []),
        ((2, 3 + AFTERMATH), [kill(2.5, 3)], []),
        ((2, 3.1 + AFTERMATH), [kill(2.5, 3)], [(2, 3.1 + AFTERMATH)]),
    ],
)
def test_a_fault_explains_one_further_copy_and_only_soon_after_it(
    tmp_path: Path, times: tuple[float, ...], beside: list[Injected], unexplained: list[tuple[float, float]]
) -> None:
    judged = run(copies(tmp_path, *times), *beside)
    assert [(before.at, again.at) for before, again in judged.count.doubles] == list(pairwise(times))
    assert [(before.at, again.at) for before, again in judged.unexplained] == unexplained
    assert judged.is_right is (not unexplained)


@pytest.mark.parametrize(
    ("asked", "answered", "mutation", "goes_on"),
    [
        (11, 12, ORDER, True),
        (11, 10 + RECOVERY, ORDER, True),
        (11, 10.1 + RECOVERY, ORDER, False),
        (9, 12, ORDER, False),
        (11, 12, "userSignUp", False),
    ],
)
def test_an_order_has_to_go_through_soon_after_each_fault(
    tmp_path: Path, *, asked: float, answered: float, mutation: str, goes_on: bool
) -> None:
    write(tmp_path / "asked", [(asked, "k", mutation, ADA)])
    write(tmp_path / "acknowledged", [(answered, "k", "a")])
    write(tmp_path / "accepted", [(100, "<a@example.org>", ADA)])
    fault = kill(1, 10)
    judged = run(oracle.count(tmp_path), kill(1, 2), fault)
    assert (fault not in judged.stalled) is goes_on
    assert run(oracle.count(tmp_path), fault).is_right is goes_on


def test_a_job_finished_twice_is_told_by_the_logs_of_the_workers(tmp_path: Path) -> None:
    for worker, jobs in (("worker-0", ["a", "b"]), ("worker-1", ["b"])):
        log(tmp_path / worker, b"".join(map(succeeded, jobs)))
    assert oracle.doubled_finishes(tmp_path) == 1
    books = count(tmp_path, [(0, "k", ADA)], [(1, "k", "a")], [(2, "a", ADA)])
    assert run(books).is_right
    assert not run(books, finished_twice=1).is_right


def test_lines_of_a_log_that_a_killed_worker_left_without_an_end_hide_nothing(tmp_path: Path) -> None:
    torn = succeeded("a")[:-5]
    log(tmp_path / "worker-0", torn + succeeded("b") + b'{"timesta' + succeeded("b") + torn)
    assert oracle.doubled_finishes(tmp_path) == 1


def log(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "app.log").write_bytes(content)


def succeeded(job: str) -> bytes:
    return orjson.dumps({"timestamp": "2026-01-01T00:00:00Z", "event": "job succeeded", "job": job}) + b"\n"


def test_a_line_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    (tmp_path / "asked").write_text(f"0\tk\t{ORDER}\t{ADA}\n0\tl\t{ORDER}\tbo")
    (tmp_path / "acknowledged").write_text("1\tk\ta\n2\tl")
    assert list(oracle.count(tmp_path).promises) == ["a"]


def test_the_table_says_what_was_done_and_what_came(tmp_path: Path) -> None:
    books = count(tmp_path, [(0, "k", ADA), (0, "l", ADA)], [(1, "k", "a"), (2, "k", "a")], [])
    said = lines(run(books, kill(1, 2)))
    figures = {line[:40].strip(): line[40:].split()[0] for line in said[:-1]}
    wanted = {
        "worker killed": "1",
        f"no order within {RECOVERY} s after them": "1",
        "keys asked": "2",
        "answers": "2",
        "letters expected": "1",
        "distinct letters received": "0",
        "missing": "1",
        "longest silence of answers, seconds": "1.0",
    }
    assert {name: figures[name] for name in wanted} == wanted
    assert said[-1] == "WRONG"
