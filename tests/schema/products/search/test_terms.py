"""What leads to a product."""

from hypothesis import given
from hypothesis import strategies as st
from odmantic import ObjectId

from schema.money.model import MAX_AMOUNT
from schema.products.search import terms

_PRICES = st.integers(0, int(MAX_AMOUNT) * 1000) | st.integers(0, 11).map(lambda power: 10**power)


def _terms(name: str = "Oak Lamp", price: int = 1999, *place_ids: ObjectId) -> list[str]:
    return list(terms.found_by(name, "oak-lamp", "", price, place_ids)["terms"])


@given(_PRICES, _PRICES, st.data())
def test_every_price_of_a_range_is_in_one_of_its_few_bands(one: int, other: int, data: st.DataObject) -> None:
    lowest, highest = sorted((one, other))
    bands = terms.bands(lowest, highest)
    assert len(bands) <= terms.MOST_BANDS
    for price in (lowest, highest, data.draw(st.integers(lowest, highest))):
        assert {terms.band_term("*", band) for band in bands} & set(_terms(price=price))


def test_a_range_the_wrong_way_round_has_no_bands() -> None:
    assert terms.bands(2, 1) == []


def test_narrow_ranges_have_narrow_bands() -> None:
    assert terms.bands(1001, 1019) == ["4:100", "4:101"]
    assert terms.bands(1001, 4999) == ["4:1", "4:2", "4:3", "4:4"]
    assert terms.bands(5, 7) == ["1:5", "1:6", "1:7"]


@given(st.text(min_size=1, max_size=30), st.data())
def test_whatever_is_part_of_a_name_leads_to_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    leads = [terms.containing(name[start:end]), terms.starting(name[:end]), terms.name_term(name)]
    assert {lead for lead in leads if lead} <= set(_terms(name))


def test_words_are_found_without_case_accents_and_endings() -> None:
    assert terms.words("Lamps, LAMP; Étagères") == ["lamp", "etager"]


def test_every_word_of_a_long_text_can_be_searched_for() -> None:
    assert len(terms.words(" ".join(f"w{number}" for number in range(1000)))) == 1000


def test_a_product_is_led_to_by_everything_above_it_and_by_each_term_once() -> None:
    root, leaf = ObjectId(), ObjectId()
    found = _terms("Oak Lamp", 5, root, leaf)
    assert {"*", f"c:{root}", f"c:{leaf}", f"p:{leaf}:1:5", "p:*:1:5", "s:oak-lamp", "n:oak lamp"} <= set(found)
    assert len(found) == len(set(found))
