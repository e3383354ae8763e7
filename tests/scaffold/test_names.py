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
        ("buses", "bus"),
        ("heroes", "hero"),
        ("quizzes", "quiz"),
        ("bonuses", "bonus"),
        ("people", "person"),
        ("movies", "movie"),
        ("gift_boxes_of_family", "gift_box_of_family"),
    ],
)
def test_one_of_many_is_called_so(many: str, one: str) -> None:
    assert Names.of(many) == Names(many, one)


def test_what_is_given_counts() -> None:
    assert Names.of("indices", "index").class_name == "Index"
    assert Names.of("selfies", "selfie").class_name == "Selfie"


@pytest.mark.parametrize("many", ["s", "access", "sheep", "media", "series", "news"])
def test_what_is_no_plural_or_the_same_for_one_needs_the_singular(many: str) -> None:
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


@pytest.mark.parametrize(("many", "one"), [("hours", "an hour"), ("units", "a unit"), ("orders", "an order")])
def test_the_article_is_the_one_that_is_spoken(many: str, one: str) -> None:
    names = Names.of(many)
    assert names.one == one
    assert names.placeholders()["article"] == one.partition(" ")[0]


def test_what_one_would_be_a_word_of_python_as_a_class_is_refused() -> None:
    with pytest.raises(Refused, match="ONE=exception is a word of Python"):
        Names.of("exceptions")
