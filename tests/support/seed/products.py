"""The products of the demo shop, each from its number: in plain dicts, as models of a million take minutes to build."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import exp, log
from random import Random

from babel.numbers import get_currency_precision
from odmantic import ObjectId

from schema.engine import Document
from schema.products.search.terms import found_by
from schema.slugs import slug_of
from tests.support.seed.catalogue import Catalogue, Leaf, catalogue, place_ids
from tests.support.seed.plan import LAST, Plan, between, moment

_FIRST_ARTICLE = 1_000
_SOLD_OUT, _ARCHIVED, _COLOURED = 0.12, 0.03, 0.4
_MOST_PICTURES = 3
_CHEAP, _DEAR = 30, 300


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product is and costs, before all that follows from it. `dice` are those that go on with it."""

    id: ObjectId
    created_at: datetime
    kind: int
    leaf: Leaf
    thing: str
    material: str
    name: str
    price: int
    dice: Random


class Assortment:
    """Every product of a plan. `picture_ids` are those of each leaf."""

    def __init__(self, plan: Plan, picture_ids: list[list[ObjectId]]) -> None:
        self._plan = plan
        self._picture_ids = picture_ids
        self._catalogue = catalogue()
        self._scale = 10 ** max(0, get_currency_precision(plan.currency) - 2)  # currencies without cents: 1999 yen

    @cached_property
    def _place_ids(self) -> list[list[ObjectId]]:
        return place_ids(self._plan)

    def offer(self, number: int) -> Offer:
        """What the product of this number is: the higher the number, the younger it is."""
        dice = self._plan.dice("product", number)
        created_at = moment((number + dice.random()) / self._plan.products)
        kind = dice.randrange(len(self._catalogue.leaves))
        leaf = self._catalogue.leaves[kind]
        thing, material = dice.choice(leaf.things), dice.choice(leaf.materials)
        name = _name(dice, self._catalogue, thing, material)
        product_id = self._plan.identify("product", number, created_at)
        price = _cents(dice, *leaf.prices) * self._scale
        return Offer(product_id, created_at, kind, leaf, thing, material, name, price, dice)

    def document(self, number: int) -> Document:
        """The product of this number as it is kept."""
        offer = self.offer(number)
        place = self._place_ids[offer.kind]
        description = _description(offer, self._catalogue)
        slug = f"{slug_of(offer.name)}-{_FIRST_ARTICLE + number}"
        return {
            "_id": offer.id,
            "name": offer.name,
            "slug": slug,
            "description": description,
            "price": {"amount": offer.price, "currency_code": self._plan.currency},
            "category_id": place[-1],
            "image_ids": self._pictures(offer),
            **_stock(offer.dice),
            **_times(offer),
            **found_by(offer.name, slug, description, offer.price, place),
        }

    def _pictures(self, offer: Offer) -> list[ObjectId]:
        of_its_kind = self._picture_ids[offer.kind]
        return offer.dice.sample(of_its_kind, min(len(of_its_kind), offer.dice.randint(1, _MOST_PICTURES)))


def _name(dice: Random, words: Catalogue, thing: str, material: str) -> str:
    name = f"{dice.choice(words.series)} {material.title()} {thing}"
    return f"{name}, {dice.choice(words.colours)}" if dice.random() < _COLOURED else name


def _cents(dice: Random, lowest: int, highest: int) -> int:
    """A price as shops make them, like 19.99, 24.50, 849.00: cheap ones are as many as dear ones ten times dearer."""
    amount = int(exp(dice.uniform(log(lowest), log(highest))))
    if amount < _CHEAP:
        return amount * 100 + dice.choice((49, 50, 90, 95, 99))
    if amount < _DEAR:
        return amount * 100 + dice.choice((0, 0, 50, 90, 95))
    return amount // 10 * 1_000 + dice.choice((0, 500, 900))


def _description(offer: Offer, words: Catalogue) -> str:
    """Two to four sentences: what it is for, and some of what it is made of, its measures, and what comes with it."""
    dice = offer.dice
    others = [words.materials[offer.material], offer.leaf.measure, dice.choice(words.services)]
    chosen = sorted(dice.sample(range(len(others)), dice.randint(1, len(others))))
    template = " ".join([dice.choice(offer.leaf.about), *(others[index] for index in chosen)])
    return template.format_map(_facts(dice, offer.thing, words))


def _facts(dice: Random, thing: str, words: Catalogue) -> dict[str, object]:
    article = "An" if thing[0] in "AEIOU" else "A"
    return {
        "a_thing": f"{article} {thing.lower()}",
        "a": dice.randint(12, 60),
        "b": dice.randint(14, 80),
        "c": dice.randint(90, 240),
        "kg": round(dice.uniform(0.4, 12), 1),
        "ml": dice.randrange(150, 1_200, 10),
        "pages": dice.randrange(64, 320, 16),
        "days": dice.randrange(30, 100, 10),
        "people": dice.randint(2, 60),
        "since": dice.randint(1921, 2019),
        "years": dice.randint(3, 25),
        "country": dice.choice(words.countries),
    }


def _stock(dice: Random) -> Document:
    stock = 0 if dice.random() < _SOLD_OUT else min(5_000, 1 + int(dice.lognormvariate(3.2, 1.1)))
    return {"stock": stock, "in_stock": stock > 0}


def _times(offer: Offer) -> Document:
    """When it was added, last changed and, for a few, taken out of the shop."""
    is_archived = offer.dice.random() < _ARCHIVED
    changed_at = between(offer.dice, offer.created_at, min(LAST, offer.created_at + timedelta(days=200)))
    return {
        "is_archived": is_archived,
        "archived_at": changed_at if is_archived else None,
        "created_at": offer.created_at,
        "updated_at": changed_at,
    }
