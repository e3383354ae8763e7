"""GraphiQL as a developer finds it: each example is run where it stands."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect
from pymongo import MongoClient

from settings.config import Settings
from tests.browser.chromium import Window
from tests.support.application import running_api
from tests.support.catalog import product_document
from tests.support.processes import Server

Data = dict[str, Any]


@pytest.fixture(name="open_page")
def _open_page(settings: Settings, worker: Server, shown: Window) -> Iterator[Page]:  # noqa: ARG001  (letters are sent)
    with MongoClient[Data](settings.db_url) as mongodb:
        mongodb.get_default_database()["products"].insert_one(product_document())
    with running_api(settings.model_copy(update={"allow_debug": True})) as api:
        shown.page.goto(f"{api.url}/graphql")
        expect(shown.page.get_by_role("tab", name="SignUp")).to_be_visible()
        yield shown.page


def test_every_example_runs_as_it_stands(open_page: Page, shown: Window) -> None:
    job = _run(open_page, "SignUp")["userSignUp"]["job"]["id"]
    shown.keep("graphiql")
    assert _run(open_page, "SignIn")["userSignIn"]["accessToken"]
    assert _run(open_page, "Me")["me"]["user"]["email"] == "ada@example.com"
    (product,) = _run(open_page, "PageProducts")["products"]["nodes"]
    placed = _run(open_page, "PlaceAnOrder", product["id"])["orderPlace"]
    assert (placed["order"]["total"]["amount"], placed["userErrors"]) == ("19.99", [])
    assert _run(open_page, "WatchTheLetter", job)["job"]["requestId"]
    _follow(open_page, placed["job"]["id"])
    shown.keep("graphiql-subscription")


def test_the_explorer_and_the_documentation_open(open_page: Page) -> None:
    open_page.get_by_label("Show GraphiQL Explorer").click()
    expect(open_page.get_by_text("userSignUp").first).to_be_visible()
    open_page.get_by_label("Show Documentation Explorer").click()
    expect(open_page.get_by_text("Root Types")).to_be_visible()


def test_a_subscription_that_is_refused_says_why(open_page: Page) -> None:
    _choose(open_page, "FollowTheLetter")
    open_page.keyboard.press("Control+Enter")
    expect(open_page.locator(".result-window")).to_contain_text("This is not the id of a Job.")


def _run(page: Page, name: str, variable: str = "") -> Data:
    """The data that the example of this name is answered with."""
    _choose(page, name, variable)
    with page.expect_response(lambda response: _asks_for(response, name)) as answered:
        page.keyboard.press("Control+Enter")
    answer: Data = answered.value.json()
    assert "errors" not in answer
    data: Data = answer["data"]
    return data


def _asks_for(response: Response, name: str) -> bool:
    asked: Any = response.request.post_data_json if response.request.method == "POST" else {}
    return bool(asked.get("operationName") == name)


def _choose(page: Page, name: str, variable: str = "") -> None:
    page.get_by_role("tab", name=name).click()
    if variable:
        _fill_in(page, variable)
    page.locator(".graphiql-query-editor .view-lines").click()


def _fill_in(page: Page, variable: str) -> None:
    """Between the quotes that wait for it, in the second line."""
    page.locator("section[aria-label=Variables] .view-lines").first.click()
    for key in ("Control+Home", "ArrowDown", "End", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.insert_text(variable)


def _follow(page: Page, job: str) -> None:
    _choose(page, "FollowTheLetter", job)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".result-window")).to_contain_text("SUCCEEDED")
