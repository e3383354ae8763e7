import pytest

from benchmarks.graphql.options import Options

CASES = ["byid", "me", "orders"]
PEERS = ["postberry", "apollo", "strawberry"]


def test_nothing_said_is_everything() -> None:
    options = Options.of({}, CASES, PEERS)
    assert (options.rounds, options.scale, options.requests, options.is_whole) == (3, 1, 0, True)
    assert options.wants("byid")
    assert options.chosen(PEERS) == PEERS


def test_what_is_named_is_all_there_is() -> None:
    options = Options.of({"ONLY": "byid, me", "PEERS": "apollo", "ROUNDS": "1"}, CASES, PEERS)
    assert [options.wants(case) for case in ("byid", "me", "orders")] == [True, True, False]
    assert options.chosen(PEERS) == ["apollo"]
    assert not options.is_whole


def test_a_smaller_scale_is_less_of_everything_and_never_nothing() -> None:
    options = Options.of({"SCALE": "0.1"}, CASES, PEERS)
    assert [options.many(count) for count in (1_000, 3)] == [100, 1]
    assert not options.is_whole


@pytest.mark.parametrize("wrong", [{"ONLY": "byid,nonsense"}, {"PEERS": "byid"}, {"ROUNDS": "0"}, {"SCALE": "0"}])
def test_what_nobody_knows_ends_the_command(capsys: pytest.CaptureFixture[str], wrong: dict[str, str]) -> None:
    with pytest.raises(SystemExit):
        Options.of(wrong, CASES, PEERS)
    assert next(iter(wrong.values())) in capsys.readouterr().err
