"""From a filter to the queries that serve it: see QUERY-ENGINE.md.

A filter becomes one or more branches. Each compares by equality what leads the index, so each is one range of the index
in the order that is asked for, and MongoDB merges the ranges. Beside that, each says exactly what is wanted.
"""

from collections.abc import Sequence
from itertools import product

from schema.engine import Document
from schema.errors import BadUserInput
from schema.products.search.filters import MOST_FILTERS, ProductFilter
from schema.products.search.leads import Leads
from schema.products.search.matching import condition


def branches(wanted: ProductFilter, leads: Leads) -> list[Document]:
    """The queries whose matches are, together, what is wanted; BadUserInput when the filter is too large."""
    if _size(wanted) > MOST_FILTERS:
        raise BadUserInput(f"At most {MOST_FILTERS} filters in one tree.")
    lead, *others = leads.chosen(wanted)
    exact = [{"terms": other.terms[0]} for other in others] + [condition(wanted, leads.currency)]
    archived = bool(wanted.archived)
    return [
        {"$and": [{"terms": term, "is_archived": archived, "in_stock": in_stock}, *exact]}
        for term, in_stock in product(lead.terms, _stocks(wanted))
    ]


def _stocks(wanted: ProductFilter) -> Sequence[bool]:
    return (True, False) if wanted.in_stock is None else (wanted.in_stock,)


def _size(wanted: ProductFilter) -> int:
    inner = [*wanted.and_, *(wanted.or_ or ()), *([wanted.not_] if wanted.not_ else ())]
    return 1 + sum(_size(each) for each in inner)
