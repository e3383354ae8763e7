import pytest

from clients import walk


def test_what_was_kept_takes_its_place_wherever_it_is_named() -> None:
    variables = {"input": {"items": [{"productId": "{{productId}}"}], "name": "Lamp {{run}}", "quantity": 2}}
    filled = walk.filled(variables, {"productId": 'P"1', "run": "7"})
    assert filled == {"input": {"items": [{"productId": 'P"1'}], "name": "Lamp 7", "quantity": 2}}


def test_what_nobody_kept_is_refused() -> None:
    with pytest.raises(KeyError, match="orderId"):
        walk.filled({"id": "{{orderId}}"}, {"productId": "P1"})


def test_a_path_leads_through_objects_and_lists() -> None:
    assert walk.at({"me": {"sessions": {"nodes": [{"id": "S1"}, {"id": "S2"}]}}}, "me.sessions.nodes.1.id") == "S2"


def test_steps_are_the_folders_one_after_the_other_and_each_names_who_sends_it() -> None:
    planned = walk.read()
    assert planned.steps[0].operation == "SignIn"
    assert {step.who for step in planned.steps} == {"nobody", "customer", "administrator"}
    assert [step.operation for step in planned.steps if step.is_subscription] == ["WatchJob", "WatchOrder"]
