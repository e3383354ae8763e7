from xml.etree import ElementTree as ET

import pytest

from benchmarks.graphql.plot import Bar, bars, drawn
from tests.benchmarks.graphql.shared import figures, results

COMPARED = {
    "byid": {"postberry": figures(200), "endpoint": figures(100), "apollo": figures(800)},
    "me": {"postberry": figures(100), "apollo": figures(250)},
}
SVG = "{http://www.w3.org/2000/svg}"


def test_a_bar_is_a_multiple_of_ours() -> None:
    (title, first), _ = bars(results(COMPARED))
    assert (title, first) == ("byid", [Bar("postberry", 1), Bar("endpoint", 0.5), Bar("apollo", 4)])


def test_a_case_without_ours_has_nothing_to_compare_with() -> None:
    assert bars(results({"byid": {"apollo": figures(800)}})) == []


def test_the_picture_is_a_document_with_bars_as_long_as_they_say() -> None:
    picture = ET.fromstring(drawn(results(COMPARED)))  # noqa: S314  # it is ours
    widths = [float(each.attrib["width"]) for each in picture.iter(f"{SVG}rect")][3:]
    assert [width / widths[0] for width in widths] == pytest.approx([1, 0.5, 4, 1, 2.5], rel=0.01)


def test_no_bar_leaves_the_picture() -> None:
    picture = ET.fromstring(drawn(results(COMPARED)))  # noqa: S314  # it is ours
    width = float(picture.attrib["viewBox"].split()[2])
    ends = [float(each.attrib["x"]) + float(each.attrib["width"]) for each in picture.iter(f"{SVG}rect")]
    assert max(ends) < width


def test_names_are_written_as_they_are() -> None:
    picture = ET.fromstring(drawn(results(COMPARED)))  # noqa: S314  # it is ours
    assert "Apollo & Mongoose" in [text.text for text in picture.iter(f"{SVG}text")]


def test_it_can_be_read_on_a_dark_page() -> None:
    assert "prefers-color-scheme: dark" in drawn(results(COMPARED))
