from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from typing_extensions import override

from schema.jobs.messages import MESSAGES, Email, ReportReadyEmail
from tasks.render import TEMPLATES, environment, render
from tests.support.jobs import FACTS, SAMPLES, WELCOME

PARTS = {"subject.txt", "body.txt", "body.html"}
EVIL = "<script>alert('1')</script> & \"Søn\""


class _Elements(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, object]] = []
        self.text = ""
        self.feed(page)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_message_has_a_sample_and_every_folder_of_templates_a_message() -> None:
    letters = {message for message in MESSAGES.values() if issubclass(message, Email)}
    assert {type(sample) for sample in SAMPLES} == letters
    assert {sample.template for sample in SAMPLES} == {path.name for path in TEMPLATES.iterdir() if path.is_dir()}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.template)
def test_every_message_renders(sample: Email) -> None:
    assert {path.name for path in (TEMPLATES / sample.template).iterdir()} == PARTS
    words = render(sample, FACTS)
    assert words.subject
    assert len(words.subject.splitlines()) == 1
    assert words.html.startswith("<!doctype html>")
    for body in (words.text, words.html):
        assert "Ada" in body
        assert "{{" not in body


def test_a_variable_the_message_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="colour"):
        environment().from_string("{{ colour }}").render(WELCOME.model_dump())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.template)
def test_values_are_escaped_in_html_and_nowhere_else(sample: Email) -> None:
    words = render(sample, FACTS | {"name": EVIL})
    assert EVIL in words.text
    assert "<script>" not in words.html
    assert "&lt;script&gt;" in words.html
    assert EVIL in _Elements(words.html).text


@given(st.text())
def test_no_name_adds_an_element_to_the_page_or_a_line_to_the_subject(name: str) -> None:
    words = render(WELCOME, FACTS | {"name": name})
    assert _Elements(words.html).found == _Elements(render(WELCOME, FACTS).html).found
    assert len(words.subject.splitlines()) == 1


def test_a_report_for_an_address_of_the_settings_greets_nobody_by_name() -> None:
    (sample,) = [sample for sample in SAMPLES if isinstance(sample, ReportReadyEmail)]
    words = render(sample.model_copy(update={"name": ""}), {"link": "https://shop.example.com/file"})
    assert words.text.startswith("Hello,\n")
    assert "<p>Hello,</p>" in words.html
    assert "its settings name this address" in words.html
