import json

from graphql_api.graphiql.build import FOLDER, GRAPHIQL


def test_each_of_its_inputs_is_there() -> None:
    assert [name for name in GRAPHIQL.inputs if not (FOLDER / name).is_file()] == []
    assert (GRAPHIQL.folder, GRAPHIQL.static) == (FOLDER, FOLDER / "static")


def test_all_that_is_bundled_is_an_input() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.is_file() and path.suffix != ".py"}
    assert files == set(GRAPHIQL.inputs)


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_the_lock_serves_other_machines_too() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    esbuilds = {"linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"}
    assert all(packages[f"node_modules/@esbuild/{machine}"]["optional"] for machine in esbuilds)
