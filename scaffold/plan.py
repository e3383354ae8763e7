"""All that a new slice writes, worked out before anything is written."""

import ast
import re
from pathlib import Path
from string import Template

from graphql import GraphQLSchema, build_schema

from scaffold.hooks import HOOKS
from scaffold.names import Names, Refused, camel

_TEMPLATES = Path(__file__).parent / "templates"
_FILES = {
    "__init__.py.txt": "schema/{slice}/__init__.py",
    "model.py.txt": "schema/{slice}/model.py",
    "service.py.txt": "schema/{slice}/service.py",
    "types.py.txt": "schema/{slice}/types.py",
    "queries.py.txt": "schema/{slice}/queries.py",
    "mutations.py.txt": "schema/{slice}/mutations.py",
    "empty.py.txt": "tests/schema/{slice}/__init__.py",
    "test.py.txt": "tests/schema/{slice}/test_{slice}.py",
}
_SDL = "schema.graphql"
_EVERY_PAYLOADS = "userErrors"


def planned(root: Path, names: Names) -> dict[Path, str]:
    """The text of each file with the slice; Refused if a name of it is taken, or a file does not look as it did."""
    _require_room(root, names)
    placeholders = names.placeholders()
    new = {
        path.format(slice=names.slice): Template((_TEMPLATES / name).read_text("utf-8")).substitute(placeholders)
        for name, path in _FILES.items()
    }
    hooked = {path: (root / path).read_text("utf-8") for path in HOOKS}
    _require_own_names(new | hooked, names)
    changed = {path: hook(hooked[path], names) for path, hook in HOOKS.items()}
    return {root / path: text for path, text in (new | changed).items()}


def _require_room(root: Path, names: Names) -> None:
    places = (f"{folder}/{names.slice}{end}" for folder in ("schema", "tests/schema") for end in ("", ".py"))
    for place in places:
        if (root / place).exists():
            raise Refused(f"SLICE={names.slice} is taken: {place} is there already.")
    for model in sorted((root / "schema").glob("*/*.py")):
        if re.search(rf'("collection": |= )"{names.slice}"', model.read_text("utf-8")):
            raise Refused(f"SLICE={names.slice} is taken: {model.relative_to(root)} has a collection of this name.")
    _require_free_in_graphql(build_schema((root / _SDL).read_text("utf-8")), names)


def _require_free_in_graphql(schema: GraphQLSchema, names: Names) -> None:
    class_name, field = names.class_name, camel(names.noun)
    types = (class_name, *(f"{class_name}{end}" for end in ("Connection", "Edge", "CreateInput", "CreatePayload")))
    taken = [name for name in types if name in schema.type_map]
    roots = {"Query": (field, camel(names.slice)), "Mutation": (f"{field}Create",)}
    for root, fields in roots.items():
        known = getattr(schema.get_type(root), "fields", {})
        taken += [f"{root}.{name}" for name in fields if name in known]
    taken += [f"{class_name}CreatePayload.{field}"] if field == _EVERY_PAYLOADS else []
    if taken:
        raise Refused(f"The name is taken: {_SDL} has {', '.join(taken)} already.")


def _require_own_names(texts: dict[str, str], names: Names) -> None:
    """What the slice calls something must not be what a module it stands in has imported; tests only quote it."""
    own = {names.class_name, names.slice, names.noun, f"New{names.class_name}"}
    for path, text in texts.items():
        is_in = path.endswith(".py") and not path.startswith("tests/")
        taken = own & _imports(text, names.slice) if is_in else set()
        if taken:
            raise Refused(f"The name is taken: {min(taken)} is something else in {path}.")


def _imports(text: str, slice_: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        is_own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"schema.{slice_}")
        if isinstance(node, ast.Import | ast.ImportFrom) and not is_own:
            found |= {alias.asname or alias.name for alias in node.names}
    return found
