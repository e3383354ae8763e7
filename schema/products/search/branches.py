"""From a filter to the ranges of an index that serve it: see QUERY-ENGINE.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from schema.engine import Document
from schema.errors import BadUserInput
from schema.products.search.filters import MOST_FILTERS, ProductFilter
from schema.products.search.leads import Leads
from schema.products.search.matching import NOTHING, condition


@dataclass(frozen=True, slots=True)
class Search:
    """What MongoDB is asked for a filter.

    Each branch compares by equality what leads the index, so that it is one range of it in the order that is asked for;
    MongoDB merges the ranges, and checks the condition on what they give. No branch: nothing is wanted.
    """

    branches: list[Document]
    condition: Document


def search(wanted: ProductFilter, leads: Leads) -> Search:
    """How the products are found that the filter wants; BadUserInput when it is too large."""
    if wanted.size > MOST_FILTERS:
        raise BadUserInput(f"At most {MOST_FILTERS} filters and values in all.")
    exact = condition(wanted, leads.currency)
    return Search([] if exact == NOTHING else _branches(wanted, leads), exact)


def _branches(wanted: ProductFilter, leads: Leads) -> list[Document]:
    lead, *others = leads.chosen(wanted)
    narrowing = [{"terms": other.terms[0]} for other in others]
    return [
        {"$and": [{"terms": term, "is_archived": bool(wanted.archived), "in_stock": in_stock}, *narrowing]}
        for term, in_stock in product(lead.terms, _stocks(wanted))
    ]


def _stocks(wanted: ProductFilter) -> Sequence[bool]:
    return (True, False) if wanted.in_stock is None else (wanted.in_stock,)
