"""What is asked: each a document, the variables it is sent with in turns, and who is signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.graphql import documents
from benchmarks.graphql.data import Data
from schema.nodes import to_global_id

Variables = Mapping[str, Any]

NAMES = ("typename", "byid", "products", "orders", "me", "place")
"""All cases."""

DIFFERENT_PRODUCTS, DIFFERENT_ORDERS = 500, 160
"""So many are asked for in turns; orders have two products each, so that those at the same time have none in common."""

_BY = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Case:
    """One kind of request. `volatile` are keys of the answer that are another's each time."""

    name: str
    title: str
    document: str
    variables: Sequence[Variables] = ({},)
    who: str | None = None
    volatile: frozenset[str] = frozenset()

    def body(self, variables: Variables) -> bytes:
        """As it is sent."""
        return orjson.dumps({"query": self.document, "variables": variables})

    def write(self, folder: Path) -> Path:
        """All bodies, a line for each."""
        path = folder / f"{self.name}.jsonl"
        path.write_bytes(b"\n".join(map(self.body, self.variables)))
        return path


def cases(data: Data) -> dict[str, Case]:
    """By their names, those that write last."""
    products = [to_global_id("Product", each) for each in data.products]
    by_id = tuple({"id": each} for each in products[:DIFFERENT_PRODUCTS])
    each = (
        Case("typename", "`{ __typename }`", documents.TYPENAME),
        Case("byid", "product by id", documents.PRODUCT, by_id),
        Case("products", "50 products + category", documents.PRODUCTS),
        Case("orders", f"20 orders {_BY} 5 lines {_BY} product {_BY} category", documents.ORDERS, who="customer"),
        Case("me", "`me` with token", documents.ME, who="customer"),
        Case("place", "`orderPlace`", documents.ORDER_PLACE, _orders(products), "administrator", _OF_AN_ORDER),
    )
    return {case.name: case for case in each}


_OF_AN_ORDER = frozenset({"id", "number", "createdAt"})


def _orders(products: Sequence[str]) -> tuple[Variables, ...]:
    pairs = zip(products[: 2 * DIFFERENT_ORDERS : 2], products[1 : 2 * DIFFERENT_ORDERS : 2], strict=True)
    return tuple({"input": {"items": [_item(first, 1), _item(second, 2)]}} for first, second in pairs)


def _item(product_id: str, quantity: int) -> Variables:
    return {"productId": product_id, "quantity": quantity}
