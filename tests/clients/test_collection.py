import json
from typing import Any

from clients import walk
from clients.collection import COLLECTION, collection, main, text


def _items() -> list[dict[str, Any]]:
    return [item for folder in collection()["item"] for item in folder["item"]]


def _script(item: dict[str, Any], when: str) -> str:
    return "\n".join(line for event in item["event"] if event["listen"] == when for line in event["script"]["exec"])


def test_the_file_is_what_the_examples_make_now() -> None:
    assert COLLECTION.read_text() == text()
    assert main(["--check"]) == 0


def test_every_step_is_a_request_but_for_subscriptions() -> None:
    steps = [step.operation for step in walk.read().steps if not step.is_subscription]
    assert [item["name"] for item in _items()] == steps


def test_a_sign_in_keeps_its_token_for_those_who_need_it() -> None:
    sign_in, create = _items()[:2]
    keeps = "pm.collectionVariables.set('administratorToken', answered.userSignIn.accessToken);"
    assert keeps in _script(sign_in, "test")
    assert sign_in["request"]["auth"] == {"type": "noauth"}
    assert create["request"]["auth"]["bearer"][0]["value"] == "{{administratorToken}}"


def test_the_first_request_makes_up_names_that_nobody_had() -> None:
    first, *others = _items()
    assert "set('run'" in _script(first, "prerequest")
    assert {_script(item, "prerequest") for item in others} == {""}


def test_a_file_goes_as_a_form_in_which_its_variable_is_null() -> None:
    (upload,) = [item for item in _items() if item["name"] == "UploadFile"]
    operations, variables, file = upload["request"]["body"]["formdata"]
    assert json.loads(operations["value"])["variables"] == {"input": {"file": None}}
    assert json.loads(variables["value"]) == {"0": ["variables.input.file"]}
    assert (file["key"], file["src"]) == ("0", "lamp.png")


def test_what_requests_name_is_a_variable_of_the_collection() -> None:
    known = {variable["key"] for variable in collection()["variable"]}
    sent = json.dumps([item["request"] for item in _items()])
    assert set(walk.named(sent)) <= known
    assert "administratorToken" in known
