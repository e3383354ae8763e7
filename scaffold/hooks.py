"""Where the rest of the project learns of a slice: what each file says with it."""

import re
from collections.abc import Callable

from scaffold.names import Names, Refused, camel

Hook = Callable[[str, Names], str]
"""The text of a file as it is with the slice."""


def schema(text: str, names: Names) -> str:
    """graphql_api/schema.py: the root fields, and the type that `node` can answer."""
    slice_, class_name = names.slice, names.class_name
    text = _imported(text, f"from schema.{slice_}.mutations import {class_name}Mutations")
    text = _imported(text, f"from schema.{slice_}.queries import {class_name}Queries")
    text = _imported(text, f"from schema.{slice_}.types import {class_name}Type")
    text = _listed(text, "QUERIES = (", ")", f"{class_name}Queries")
    text = _listed(text, "MUTATIONS = (", ")", f"{class_name}Mutations")
    return _listed(text, "NODES = (", ")", f"{class_name}Type")


def viewer(text: str, names: Names) -> str:
    """schema/viewer/queries.py: what `node` reads, and for whom."""
    slice_, class_name = names.slice, names.class_name
    text = _imported(text, f"from schema.{slice_} import service as {slice_}")
    text = _imported(text, f"from schema.{slice_}.model import {class_name}")
    entry = f'"{class_name}": ({class_name}, {slice_}.is_visible, {slice_}.VISIBLE_BY)'
    return _listed(text, "NODES: Mapping[str, tuple[type[Model], IsVisible, frozenset[str]]] = {", "}", entry)


def indexes(text: str, names: Names) -> str:
    """schema/indexes.py: the collection."""
    text = _imported(text, f"from schema.{names.slice}.model import {names.class_name}")
    return _listed(text, "MODELS: tuple[type[Model], ...] = (", ")", names.class_name)


def contracts(text: str, names: Names) -> str:
    """pyproject.toml: the slice stands beside orders, so it may use products, files, users and jobs."""
    before, found, after = text.partition('name = "The order of the slices"')
    layered, count = re.subn(
        r'^(    "[a-z_ |]*\borders\b[a-z_ |]*)"', rf'\1 | {names.slice}"', after, count=1, flags=re.MULTILINE
    )
    if not found or not count:
        raise _lost('the layer of orders in "The order of the slices"')
    return before + found + _contained(layered, names.slice)


def examples(text: str, names: Names) -> str:
    """examples/walk.toml: the root fields have no examples yet."""
    fields = (camel(names.slice), camel(names.noun), f"{camel(names.noun)}Create")
    before, found, after = text.partition("\n[left_out]\n")
    if not found:
        raise _lost("the table of what has no example")
    return (
        before + found + "".join(f'{field} = "It is new: an example is to be written."\n' for field in fields) + after
    )


def _contained(text: str, slice_: str) -> str:
    match = re.search(r'name = "The order inside a slice"\ntype = "layers"\ncontainers = \[\n(.*?)\]', text, re.DOTALL)
    if match is None:
        raise _lost('the containers of "The order inside a slice"')
    lines = sorted([*match[1].splitlines(keepends=True), f'    "schema.{slice_}",\n'])
    return text[: match.start(1)] + "".join(lines) + text[match.end(1) :]


def _imported(text: str, line: str) -> str:
    """With one more import, which the linter puts where it belongs."""
    before, found, after = text.partition("\nfrom schema.")
    if not found:
        raise _lost("an import of a slice")
    return f"{before}\n{line}{found}{after}"


def _listed(text: str, beginning: str, end: str, entry: str) -> str:
    """With one more entry at the end of what begins so; the formatter breaks its lines."""
    before, found, after = text.partition(f"\n{beginning}")
    entries, closing, rest = after.partition(f"{end}\n")
    while closing and entries.count("(") != entries.count(")"):
        more, closing, rest = rest.partition(f"{end}\n")
        entries += f"{end}\n{more}"
    if not found or not closing:
        raise _lost(f"`{beginning}`")
    kept = entries.rstrip()
    more = f"{kept} {entry}," if kept.endswith(",") else f"{kept}, {entry}"
    return f"{before}{found}{more}{closing}{rest}"


def _lost(what: str) -> Refused:
    return Refused(f"The project has changed: {what} is not where scaffold/hooks.py looks for it.")


HOOKS: dict[str, Hook] = {
    "graphql_api/schema.py": schema,
    "schema/viewer/queries.py": viewer,
    "schema/indexes.py": indexes,
    "pyproject.toml": contracts,
    "examples/walk.toml": examples,
}
"""By file: what is changed in it."""
