"""How large documents are: the quick count against one that writes every fragment out."""

from dataclasses import dataclass

from graphql import parse
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from graphql_api.documents.measures import Measures, measure

NAMES = [f"F{number}" for number in range(6)]


@dataclass(frozen=True)
class Node:
    """A field, an inline fragment, or by its name the spread of another, with what is below it."""

    kind: str
    below: tuple["Node", ...] = ()

    @override
    def __str__(self) -> str:
        body = "{" + " ".join(map(str, self.below)) + "}" if self.below else ""
        return f"...{self.kind}" if self.kind in NAMES else f"{self.kind} {body}"


Document = dict[str, tuple[Node, ...]]
"""What each fragment selects, and under "" what the operation does."""


def _selections(spreadable: list[str]) -> st.SearchStrategy[tuple[Node, ...]]:
    leaves = st.sampled_from([Node(kind) for kind in ("f", "a: f", *spreadable)])
    nodes = st.recursive(leaves, lambda each: st.builds(Node, st.sampled_from(["f", "a: f", "..."]), _some(each)))
    return _some(nodes)


def _some(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(nodes, min_size=1, max_size=3).map(tuple)


@st.composite
def _documents(draw: st.DrawFn) -> Document:
    """Each fragment spreads only those after it."""
    return {name: draw(_selections(NAMES[number:])) for number, name in enumerate(["", *NAMES])}


def _written(document: Document) -> str:
    bodies = {name: "{" + " ".join(map(str, nodes)) + "}" for name, nodes in document.items()}
    return bodies.pop("") + "".join(f"fragment {name} on T {body}" for name, body in bodies.items())


def _written_out(document: Document, nodes: tuple[Node, ...]) -> Measures:
    total = Measures()
    for node in nodes:
        below = _written_out(document, document[node.kind] if node.kind in NAMES else node.below)
        is_field = node.kind.endswith("f")
        one = below.within_field(is_aliased=node.kind == "a: f") if is_field else below.within_fragment()
        total = total.beside(one)
    return total


@given(_documents())
def test_a_document_is_as_large_as_it_is_when_all_fragments_are_written_out(document: Document) -> None:
    assert measure(parse(_written(document))) == _written_out(document, document[""])


def test_fragments_that_double_each_other_are_counted_although_nobody_could_write_them_out() -> None:
    doubling = "".join(f"fragment F{n} on T {{...F{n + 1} ...F{n + 1}}}" for n in range(100))
    size = measure(parse("{...F0}" + doubling + "fragment F100 on T {f}"))
    assert (size.fields, size.nesting) == (2**100, 101)


def test_a_fragment_that_spreads_itself_or_is_missing_counts_as_nothing_there() -> None:
    assert measure(parse("{...F ...G} fragment F on T {f ...F}")).fields == 1


def test_the_largest_of_several_operations_counts() -> None:
    assert measure(parse("query A {f} query B {f {f {a: f}}}")) == Measures(depth=3, fields=3, aliases=1)


def test_what_is_asked_of_the_schema_is_one_field() -> None:
    assert measure(parse("{__schema {types {fields {type {name}}}}}")) == Measures(depth=1, fields=1)
