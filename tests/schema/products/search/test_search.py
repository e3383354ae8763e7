"""Lists of products on a real MongoDB, held against a plain model of the same data; and the plans behind them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from odmantic import ObjectId
from pymongo.asynchronous.collection import AsyncCollection

from schema import indexes, pages
from schema.cursors import Cursors
from schema.database import Database
from schema.pages import PageArguments
from schema.products.model import Product
from schema.products.search.branches import search
from schema.products.search.filters import ProductFilter, ProductSort
from schema.products.search.leads import Leads
from schema.products.service import SORTS
from tests.schema.products.search.model import listed
from tests.schema.products.search.strategies import LEAF, ROOT, Case, cases
from tests.support.catalog import product_document
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

Document = dict[str, Any]
CURSORS = Cursors(b"a key of sixteen bytes or more")


@pytest.fixture
async def products(database: Database) -> AsyncCollection[Document]:
    await indexes.create(database)
    return database.collection(Product)


async def _walk(
    products: AsyncCollection[Document], where: Document, order: ProductSort, **size: int
) -> list[ObjectId]:
    sort, backward = SORTS[order], "last" in size
    wanted = search(ProductFilter.model_validate(where), Leads("EUR", sorted_by_price=sort.index == "by_price"))
    found: list[ObjectId] = []
    cursor = None
    for _ in range(30):
        arguments: Any = size | {"before" if backward else "after": cursor}
        page = await pages.find(products, wanted.branches, sort, PageArguments(CURSORS, **arguments), wanted.condition)
        ids = [product["_id"] for product in page.nodes]
        found = ids + found if backward else found + ids
        cursor = page.start_cursor if backward else page.end_cursor
        if not (page.has_previous_page if backward else page.has_next_page):
            assert await page.count() == len(found)
            return found
    raise AssertionError("The walk has not ended.")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases())
async def test_every_list_is_what_the_model_says_whichever_way_it_is_walked(
    products: AsyncCollection[Document], case: Case
) -> None:
    await products.delete_many({})
    if case.catalogue:
        await products.insert_many(case.catalogue)
    expected = [product["_id"] for product in listed(case.catalogue, case.where, case.order.value)]
    assert await _walk(products, case.where, case.order, **case.size) == expected


OFFERED: dict[str, Document] = {
    "all": {},
    "in stock": {"in_stock": True},
    "sold out": {"in_stock": False},
    "archived": {"archived": True},
    "category": {"category_id": LEAF},
    "category in stock": {"category_id": LEAF, "in_stock": True},
    "price": {"price": {"gte": "10", "lte": "25"}},
    "price in category": {"price": {"gte": "10.05", "lte": "2500"}, "category_id": ROOT},
    "one price": {"price": {"eq": "19.99"}},
    "any price": {"price": {"gte": "0"}},
    "word": {"search": "lamps"},
    "words": {"search": "oak lamps made by hand"},
    "word in category": {"search": "lamps", "category_id": LEAF},
    "word in category at a price": {"search": "lamps", "category_id": LEAF, "price": {"lte": "30"}, "in_stock": True},
    "name": {"name": {"eq": "oak lamp"}},
    "names": {"name": {"in_": [f"oak lamp {number}" for number in range(20)]}},
    "contains": {"name": {"contains": "amp"}},
    "contains in category": {"name": {"contains": "k la"}, "category_id": ROOT},
    "contains little": {"name": {"contains": "a"}},
    "starts with": {"name": {"starts_with": "oa"}},
    "slug": {"slug": {"eq": "oak-lamp"}},
    "slugs": {"slug": {"in_": [f"oak-lamp-{number}" for number in range(20)]}},
    "or": {"or_": [{"search": "oak"}, {"category_id": LEAF}, {"name": {"contains": "table"}}]},
    "or with nothing in common": {"or_": [{"search": "oak"}, {"in_stock": True}]},
    "and": {"and_": [{"search": "oak"}, {"or_": [{"category_id": LEAF}, {"category_id": ROOT}]}]},
    "not": {"not_": {"search": "oak"}},
    "not in category": {"category_id": ROOT, "not_": {"category_id": LEAF}},
}


def _stages(plan: Document) -> set[str]:
    inner = [plan[key] for key in ("inputStage", "queryPlan") if key in plan] + plan.get("inputStages", [])
    return {plan.get("stage", "")}.union(*(_stages(stage) for stage in inner))


@pytest.mark.parametrize("turn", ["first page", "after a cursor", "before a cursor"])
@pytest.mark.parametrize("order", ProductSort)
async def test_every_list_is_read_from_an_index_in_its_order(
    products: AsyncCollection[Document], order: ProductSort, turn: str
) -> None:
    place = (ROOT, LEAF)
    catalogue = [product_document(place, name=f"Oak Lamp {number}", stock=number % 3) for number in range(60)]
    await products.insert_many(catalogue)
    sort = SORTS[order]
    cursor = CURSORS.encode(f"products {sort.name} {sort.keys}", sort.values(catalogue[30]))
    turned: dict[str, Any] = {
        "first page": {},
        "after a cursor": {"after": cursor},
        "before a cursor": {"before": cursor},
    }[turn]
    async with watched(products.database) as calls:
        for where in OFFERED.values():
            wanted = search(ProductFilter.model_validate(where), Leads("EUR", sorted_by_price=sort.index == "by_price"))
            await pages.find(products, wanted.branches, sort, PageArguments(CURSORS, **turned), wanted.condition)
    finds = [call for call in calls if call.name == "find"]
    assert len(finds) == len(OFFERED)
    for name, call in zip(OFFERED, finds, strict=True):
        for plan in await _plans(products, call.command):
            assert "IXSCAN" in _stages(plan), name
            assert not _stages(plan) & {"COLLSCAN", "SORT"}, (name, plan)


async def _plans(products: AsyncCollection[Document], command: Document) -> list[Document]:
    """The plan that MongoDB takes for a command, and those that it tried beside it."""
    find = {key: command[key] for key in ("find", "filter", "sort", "hint", "limit", "projection") if key in command}
    planner = (await products.database.command("explain", find, verbosity="queryPlanner"))["queryPlanner"]
    return [planner["winningPlan"], *planner["rejectedPlans"]]


@pytest.mark.parametrize("where", [{"or_": []}, {"search": "!?"}, {"not_": {}}, {"price": {"gte": "2", "lte": "1"}}])
async def test_what_nothing_can_match_is_not_even_asked_for(
    products: AsyncCollection[Document], where: Document
) -> None:
    wanted = search(ProductFilter.model_validate(where), Leads("EUR"))
    async with watched(products.database) as calls:
        arguments = PageArguments(CURSORS)
        page = await pages.find(products, wanted.branches, SORTS[ProductSort.NAME_ASC], arguments, wanted.condition)
        assert (page.nodes, await page.count()) == ([], 0)
    assert calls == []
