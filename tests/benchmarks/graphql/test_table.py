from benchmarks.graphql.table import document, table
from tests.benchmarks.graphql.shared import figures, results

COMPARED = {
    "byid": {"postberry": figures(250), "endpoint": figures(200), "apollo": figures(400)},
    "place": {"postberry": figures(1_500), "apollo": figures(1_000)},
}


def test_a_table_has_a_head_and_a_line_for_each_row() -> None:
    assert table(["a", "b"], [["1", "2"], ["3", "4"]]).splitlines() == [
        "| a | b |",
        "| --- | --- |",
        "| 1 | 2 |",
        "| 3 | 4 |",
    ]


def test_each_share_is_said_to_reach_its_goal_or_to_miss_it() -> None:
    lines = document(results(COMPARED)).splitlines()
    assert "| `byid` | 1.25 (≤ 1.3: reached) | 0.62 (≤ 0.5: **missed**) |" in lines
    assert "| `place` | - | 1.50 (≤ 0.8: **missed**) |" in lines


def test_everybody_is_introduced() -> None:
    assert "- **Apollo & Mongoose**: what it has." in document(results(COMPARED)).splitlines()


def test_who_has_no_answer_has_no_figure() -> None:
    lines = document(results(COMPARED)).splitlines()
    assert "| `place` | 1,500 | - | 1,000 |" in lines


def test_our_memory_at_the_end_is_held_against_its_bound() -> None:
    assert "| last | 100 MB (≤ 120 MB: reached) | 100 MB | 100 MB |" in document(results(COMPARED))
    assert "| last | 130 MB (≤ 120 MB: **missed**) | 130 MB | 130 MB |" in document(results(COMPARED, megabytes=130))
    assert "| first | 200 MB | 200 MB | 200 MB |" in document(results(COMPARED))


def test_what_was_measured_beside_the_requests_stands_at_the_end() -> None:
    assert document(results(COMPARED)).endswith("## Sign-ups\n\nMany.\n")


def test_a_run_without_requests_has_no_table_of_them() -> None:
    assert "share" not in document(results({}))
