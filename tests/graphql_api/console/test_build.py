import json
from typing import Any

import pytest

from graphql_api.console.build import FOLDER, console
from graphql_api.console.page import STATIC_DIR

PERMISSIVE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "Unlicense",
    "Unlicense OR Apache-2.0 OR MIT",
}


@pytest.fixture(scope="module")
def packages() -> dict[str, dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    return packages


def test_it_is_made_of_its_sources_and_of_the_schema() -> None:
    inputs = set(console().inputs)
    assert {".npmrc", "bundle.mjs", "codegen.json", "package-lock.json", "src/main.tsx", "../schema.graphql"} <= inputs
    assert [name for name in inputs if name.startswith(("node_modules/", "src/generated/"))] == []
    assert all((FOLDER / name).is_file() for name in inputs)


def test_it_becomes_what_the_api_serves() -> None:
    assert console().static == STATIC_DIR


def test_the_lock_names_no_registry(packages: dict[str, dict[str, Any]]) -> None:
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_lock_serves_other_machines_too(packages: dict[str, dict[str, Any]]) -> None:
    machines = {"linux-x64-gnu", "linux-arm64-gnu", "darwin-arm64", "win32-x64-msvc"}
    assert all(packages[f"node_modules/@rolldown/binding-{machine}"]["optional"] for machine in machines)


def test_what_is_bundled_is_under_permissive_licences(packages: dict[str, dict[str, Any]]) -> None:
    licences = {name: package["license"] for name, package in packages.items() if name and not package.get("dev")}
    assert licences
    assert set(licences.values()) <= PERMISSIVE


def test_none_of_it_writes_html_as_text() -> None:
    sources = [FOLDER / name for name in console().inputs if name.endswith((".ts", ".tsx"))]
    assert len(sources) > 1
    assert [path.name for path in sources if "innerhtml" in path.read_text().lower()] == []
