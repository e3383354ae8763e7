from pathlib import Path

import orjson
import pytest

from tests.chaos import oracle
from tests.chaos.faults import Fault
from tests.chaos.oracle import Count
from tests.chaos.report import Injected, Run, lines

ADA, BOB = "ada@example.com", "bob@example.com"


def count(folder: Path, acknowledged: list[tuple[float, str, str]], accepted: list[tuple[float, str, str]]) -> Count:
    (folder / "acknowledged").write_text("".join(f"{at}\t{job}\t{to}\n" for at, job, to in acknowledged))
    (folder / "accepted").write_text("".join(f"{at}\t<{job}@example.org>\t{to}\n" for at, job, to in accepted))
    return oracle.count(folder)


def run(count: Count, *injected: Injected, finished_twice: int = 0) -> Run:
    return Run(count, list(injected), finished_twice, 0, 0)


def kill(began: float, ended: float, *, may_double: bool = True) -> Injected:
    return Injected(Fault("worker killed", lambda _stage, _dice: None, may_double), began, ended)


def test_a_run_in_which_every_letter_came_once_is_right(tmp_path: Path) -> None:
    books = count(tmp_path, [(1, "a", ADA), (2, "b", BOB)], [(1.5, "a", ADA), (4, "b", BOB), (5, "c", ADA)])
    assert run(books).is_right
    assert (books.missing, books.astray, books.doubles, books.slowest) == ([], [], [], 2)


def test_a_run_without_an_answer_is_wrong(tmp_path: Path) -> None:
    assert not run(oracle.count(tmp_path)).is_right


def test_a_letter_that_did_not_come_is_missing(tmp_path: Path) -> None:
    books = count(tmp_path, [(1, "a", ADA), (1, "b", ADA)], [(2, "b", ADA)])
    assert [promise.job_id for promise in books.missing] == ["a"]
    assert not run(books).is_right


def test_a_letter_to_somebody_else_is_astray(tmp_path: Path) -> None:
    books = count(tmp_path, [(1, "a", ADA)], [(2, "a", BOB)])
    assert [letter.recipient for letter in books.astray] == [BOB]
    assert not run(books).is_right


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
    books = count(tmp_path, [(1, "a", ADA)], [(2, "a", ADA), (4, "a", ADA)])
    assert [(first.at, again.at) for first, again in books.doubles] == [(2, 4)]
    assert run(books, *beside).is_right is is_right


def test_a_job_finished_twice_is_told_by_the_logs_of_the_workers(tmp_path: Path) -> None:
    for worker, jobs in (("worker-0", ["a", "b"]), ("worker-1", ["b"])):
        (tmp_path / worker).mkdir()
        done = [{"event": "job succeeded", "job": job} for job in jobs]
        (tmp_path / worker / "app.log").write_bytes(b"\n".join(map(orjson.dumps, [*done, {"event": "worker stopped"}])))
    assert oracle.doubled_finishes(tmp_path) == 1
    books = count(tmp_path, [(1, "a", ADA)], [(2, "a", ADA)])
    assert not run(books, finished_twice=1).is_right


def test_a_line_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    (tmp_path / "acknowledged").write_text(f"1\ta\t{ADA}\n2\tb\tbo")
    assert list(oracle.count(tmp_path).promises) == ["a"]


def test_the_table_says_what_was_done_and_what_came(tmp_path: Path) -> None:
    said = lines(run(count(tmp_path, [(1, "a", ADA)], []), kill(1, 2)))
    figures = {line[:40].strip(): line[40:].split()[0] for line in said[:-1]}
    assert (figures["worker killed"], figures["letters expected"], figures["distinct letters received"]) == (
        "1",
        "1",
        "0",
    )
    assert (figures["missing"], said[-1]) == ("1", "WRONG")
