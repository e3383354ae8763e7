import pytest

from scaffold.names import Names, Refused, camel


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("reviews", "review"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("wishes", "wish"),
        ("branches", "branch"),
        ("gift_cards", "gift_card"),
        ("houses", "house"),
    ],
)
def test_one_of_many_is_called_so(many: str, one: str) -> None:
    assert Names.of(many) == Names(many, one)


def test_what_is_given_counts() -> None:
    assert Names.of("people", "person").class_name == "Person"
    assert Names.of("movies", "movie").class_name == "Movie"


@pytest.mark.parametrize("many", ["s", "access", "sheep", "media"])
def test_what_is_no_plural_by_its_ending_needs_the_singular(many: str) -> None:
    with pytest.raises(Refused, match="Say what one of"):
        Names.of(many)


def test_graphql_and_sentences_have_their_own_spelling() -> None:
    names = Names.of("invoice_items")
    placeholders = names.placeholders()
    assert (names.class_name, camel(names.slice)) == ("InvoiceItem", "invoiceItems")
    assert (placeholders["Article"], placeholders["one"], placeholders["many"]) == (
        "An",
        "invoice item",
        "invoice items",
    )
