"""Where the index is entered for a filter: terms one of which every product has that the filter wants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schema.products.search import terms
from schema.products.search.filters import MOST_VALUES, ProductFilter, SlugOperators, TextOperators
from schema.products.search.prices import PriceRange

NAMED, WORD, GRAM, PRICE, PLACE, ALL = range(6)
"""Ranks of leads: the lower, the fewer products they are likely to lead to."""

MOST_TRIED = 2
"""Other leads MongoDB tries beside the best one, and words that are leads: the longest are the rarest."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Terms one of which every wanted product has."""

    rank: int
    terms: tuple[str, ...]


EVERYTHING = Lead(ALL, (terms.EVERYTHING,))


@dataclass(frozen=True, slots=True)
class Leads:
    """Finds the leads of a filter for a shop's currency. Lists that are sorted by price need no bands of prices."""

    currency: str
    sorted_by_price: bool = False

    def chosen(self, wanted: ProductFilter) -> list[Lead]:
        """The best lead; behind it, perhaps, others of one term: MongoDB tries them all and keeps what finds most."""
        found = sorted(self._of(wanted), key=lambda lead: (lead.rank, len(lead.terms)))
        best, others = (found[0], found[1:]) if found else (EVERYTHING, [])
        if best.rank not in {WORD, GRAM}:
            return [best]
        tried = [lead for lead in others if lead.rank in {WORD, PLACE} and len(lead.terms) == 1]
        return [best, *tried[:MOST_TRIED]]

    def _of(self, wanted: ProductFilter) -> Iterator[Lead]:
        yield from _of_texts(wanted)
        yield from self._of_price_and_place(wanted)
        for each in wanted.and_:
            yield from self._of(each)
        yield from self._of_any(wanted.or_ or ())

    def _of_price_and_place(self, wanted: ProductFilter) -> Iterator[Lead]:
        place = terms.place(wanted.category_id) if wanted.category_id else terms.EVERYTHING
        if place != terms.EVERYTHING:
            yield Lead(PLACE, (place,))
        if wanted.price is not None and not self.sorted_by_price:
            bands = PriceRange.of(wanted.price, self.currency).bands
            yield from _lead(PRICE, [terms.band_term(place, band) for band in bands])

    def _of_any(self, filters: Sequence[ProductFilter]) -> Iterator[Lead]:
        """What the alternatives have in common: a lead of each of them."""
        bests = [self.chosen(each)[0] for each in filters]
        if bests and EVERYTHING not in bests:
            yield from _lead(max(best.rank for best in bests), [term for best in bests for term in best.terms])


def _of_texts(wanted: ProductFilter) -> Iterator[Lead]:
    if wanted.search is not None:
        longest = sorted(terms.words(wanted.search), key=len, reverse=True)[:MOST_TRIED]
        yield from (Lead(WORD, (terms.word_term(word),)) for word in longest)
    if wanted.slug is not None:
        yield from _of_slug(wanted.slug)
    if wanted.name is not None:
        yield from _of_name(wanted.name)


def _of_slug(wanted: SlugOperators) -> Iterator[Lead]:
    yield from _lead(NAMED, [terms.slug_term(slug) for slug in wanted.in_ or ()])
    yield from _lead(NAMED, [terms.slug_term(slug) for slug in (wanted.eq,) if slug is not None])


def _of_name(wanted: TextOperators) -> Iterator[Lead]:
    yield from _lead(NAMED, [terms.name_term(name) for name in wanted.in_ or ()])
    yield from _lead(NAMED, [terms.name_term(name) for name in (wanted.eq,) if name is not None])
    yield from _lead(GRAM, [term for text in (wanted.contains,) if text and (term := terms.containing(text))])
    yield from _lead(GRAM, [term for text in (wanted.starts_with,) if text and (term := terms.starting(text))])


def _lead(rank: int, found: Sequence[str]) -> Iterator[Lead]:
    """The lead, unless its terms are none, or so many that entering at each would cost more than it saves."""
    distinct = tuple(dict.fromkeys(found))
    if 0 < len(distinct) <= MOST_VALUES:
        yield Lead(rank, distinct)
