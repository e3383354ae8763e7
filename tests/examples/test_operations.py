import json
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from clients import walk
from clients.walk import OPERATIONS, Step
from graphql_api.schema import SDL
from tests.support.administrators import administrator
from tests.support.application import Client, Collections
from tests.support.processes import Server
from tests.support.sockets import socket
from tests.support.uploads import post_form

pytestmark = pytest.mark.anyio

ADMINISTRATOR = {"administratorEmail": "admin@example.com", "administratorPassword": "correct horse"}


def _operation(name: str) -> OperationDefinitionNode:
    (operation,) = parse((OPERATIONS / f"{name}.graphql").read_text()).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def _names() -> list[str]:
    return sorted(path.stem for path in OPERATIONS.glob("*.graphql"))


def _root_fields(schema: GraphQLSchema) -> set[str]:
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return {name for root in roots if root for name in root.fields}


def test_each_file_is_one_operation_that_is_called_like_it_and_says_what_it_is_for() -> None:
    for name in _names():
        operation = _operation(name)
        assert operation.name is not None
        assert operation.name.value == name
        assert (OPERATIONS / f"{name}.graphql").read_text().startswith("# ")


def test_each_is_valid_against_the_schema() -> None:
    schema = build_schema(SDL.read_text())
    for name in _names():
        assert validate(schema, parse((OPERATIONS / f"{name}.graphql").read_text())) == [], name


def test_each_is_a_step_of_the_walk() -> None:
    assert {step.operation for step in walk.read().steps} == set(_names())


def test_variables_stand_beside_each_that_wants_some_and_name_no_others() -> None:
    for name in _names():
        wanted = {each.variable.name.value for each in _operation(name).variable_definitions or ()}
        beside = OPERATIONS / f"{name}.json"
        assert wanted == (set(json.loads(beside.read_text())) if beside.exists() else set()), name


def test_every_root_field_is_shown_or_left_out_for_a_reason() -> None:
    selections = [each for name in _names() for each in _operation(name).selection_set.selections]
    shown = {each.name.value for each in selections if isinstance(each, FieldNode)}
    left_out = walk.read().left_out
    assert all(left_out.values())
    assert shown | set(left_out) == _root_fields(build_schema(SDL.read_text()))
    assert not shown & set(left_out)


async def test_all_of_them_one_after_the_other_succeed(client: Client, collections: Collections, api: Server) -> None:
    await administrator(client, collections)
    planned = walk.read()
    values = dict(planned.variables) | ADMINISTRATOR | {"run": "1"}
    for step in planned.steps:
        answer = await _sent(step, client, api, values)
        assert "errors" not in answer, (step.operation, answer)
        for name, shown in answer["data"].items():
            assert shown is not None, (step.operation, name)
            assert not isinstance(shown, dict) or not shown.get("userErrors"), (step.operation, shown)
        values |= step.kept(answer["data"])


async def _sent(step: Step, client: Client, api: Server, values: Mapping[str, str]) -> dict[str, Any]:
    variables = walk.filled(step.variables, values)
    asking = Client(client.http, values.get(f"{step.who}Token"))
    if step.is_subscription:
        return await _first_event(step.document, variables, api, asking)
    if step.file:
        fields = {
            "operations": json.dumps({"query": step.document, "variables": variables}),
            "map": '{"0": ["variables.input.file"]}',
        }
        file = (step.file.name, step.file.read_bytes(), "image/png")
        return dict((await post_form(asking, fields, {"0": file})).json())
    return dict((await asking.post(step.document, variables)).json())


async def _first_event(document: str, variables: dict[str, Any], api: Server, asking: Client) -> dict[str, Any]:
    async with socket(api.url) as watching:
        await watching.init(**({"Authorization": f"Bearer {asking.token}"} if asking.token else {}))
        await watching.subscribe(document, variables)
        message = await watching.receive()
        assert message["type"] == "next", message
        return dict(message["payload"])
