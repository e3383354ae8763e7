"""What operations cost, before they run and after."""

from typing import Any

import pytest

from graphql_api.documents.cache import Documents
from graphql_api.documents.cost import actual, requested
from graphql_api.schema import create_schema
from settings.limits import QueryLimits
from tests.support.application import Client, Collections
from tests.support.catalog import add_product

pytestmark = pytest.mark.anyio

COSTS: list[tuple[str, dict[str, Any], int]] = [
    ("{__typename}", {}, 0),
    ("{__schema{types{name}}}", {}, 0),
    ("{me{user{id}}}", {}, 2),
    ("{products{nodes{id name}}}", {}, 1 + 20),
    ("{products(first:7){nodes{id category{id}}}}", {}, 1 + 7 * 2),
    ("{products(last:7){edges{node{id}} totalCount}}", {}, 1 + 7 + 1),
    ("query($n:Int){products(first:$n){nodes{id}}}", {"n": 9}, 1 + 9),
    ("query($n:Int){products(first:$n){nodes{id}}}", {}, 1 + 20),
    ("query($n:Int=3){products(first:$n){nodes{id}}}", {}, 1 + 3),
    ("query($n:Int){products(first:$n){nodes{id}}}", {"n": "x"}, 1 + 20),
    ("query($n:Int){products(first:$n){nodes{id}}}", {"n": -5}, 1),
    ("query($n:Int=0){products(first:$n){nodes{id}}}", {"n": None}, 1 + 20),
    ("query($n:Int){products(first:$n){nodes{id}}}", {"n": 100.0}, 1 + 100),
    ("{products(first:null last:100){nodes{id}}}", {}, 1 + 100),
    ("query($f:Int $l:Int=3){products(first:$f last:$l){nodes{id}}}", {"l": 50}, 1 + 50),
    ("query($f:Int $l:Int){products(first:$f last:$l){nodes{id}}}", {"f": 4}, 1 + 4),
    ("{products(first:2){...F}}fragment F on ProductConnection{nodes{id}}", {}, 1 + 2),
    ("{a:products(first:2){...F} b:products(first:9){...F}}fragment F on ProductConnection{nodes{id}}", {}, 13),
    ("{orders(first:20){nodes{lines{product{category{id}}}}}}", {}, 1 + 20 * (1 + 5 * 3)),
    ('{nodes(ids:["a","b","c"]){id ... on Product{category{id}}}}', {}, 3 * 2),
    ("query($i:[ID!]!){nodes(ids:$i){id}}", {"i": ["a", "b"]}, 2),
    ("{products(first:1){nodes{id category @skip(if:true){id}}}}", {}, 1 + 2),
    ('mutation{jobCancel(input:{id:"x"}){job{id}}}', {}, 10 + 1 + 1),
    ('mutation{...F}fragment F on Mutation{a:jobCancel(input:{id:"x"}){job{id}}}', {}, 12),
    ('subscription{jobUpdated(id:"x"){id}}', {}, 1),
]


@pytest.mark.parametrize(("query", "variables", "cost"), COSTS)
def test_an_operation_costs_the_objects_it_may_answer(query: str, variables: dict[str, Any], cost: int) -> None:
    prepared = Documents(QueryLimits()).prepare(create_schema()._schema, query)  # noqa: SLF001  (Strawberry shows it nowhere else)
    assert not prepared.errors
    assert requested(prepared.operations[None].cost, variables) == cost


def test_fragments_that_cost_nothing_can_be_spread_without_end() -> None:
    doubling = "".join(f"fragment F{n} on Product{{...F{n + 1} ...F{n + 1}}}" for n in range(60))
    query = "{products(first:3){nodes{...F0}}}" + doubling + "fragment F60 on Product{category{id}}"
    limits = QueryLimits(query_max_fragments=100, query_max_fields=10**30, query_max_depth=99)
    prepared = Documents(limits).prepare(create_schema()._schema, query)  # noqa: SLF001  (Strawberry shows it nowhere else)
    assert requested(prepared.operations[None].cost, {}) == 1 + 3 * (1 + 2**60)


async def test_an_answer_says_what_it_was_to_cost_and_what_it_did(client: Client, collections: Collections) -> None:
    for _ in range(3):
        await add_product(collections)
    answer = (await client.post("{products(first:50){totalCount nodes{id category{id}}}}")).json()
    cost = answer["extensions"]["cost"]
    assert (cost["requested"], cost["actual"]) == (1 + 1 + 50 * 2, 1 + 1 + 3 * 2)


async def test_what_a_client_may_not_see_costs_what_was_answered(client: Client) -> None:
    answer = (await client.post("{orders(first:9){nodes{id}}}")).json()
    assert (answer["extensions"]["cost"]["requested"], answer["extensions"]["cost"]["actual"]) == (10, 0)


async def test_a_document_that_is_too_costly_says_what_it_costs(client: Client) -> None:
    query = "query($n:Int){products(first:$n){nodes{images{id} category{ancestors{id}}}}}"
    answer = (await client.post(query, {"n": 100})).json()
    (error,) = answer["errors"]
    assert error["message"] == "This request costs 1201; it may cost 1000."
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "data" not in answer


def test_of_an_answer_that_is_not_there_nothing_is_counted() -> None:
    prepared = Documents(QueryLimits()).prepare(create_schema()._schema, "{me{user{id}}}")  # noqa: SLF001  (as above)
    assert actual(prepared.operations[None].cost, None) == 0
