"""Builds against stand-ins for node and npm, small shell scripts: the real ones need a network."""

from pathlib import Path

import pytest

from graphql_api.pages.bundle import BuildError, Bundle, sources
from graphql_api.pages.packed import packed

INPUTS = ("bundle.mjs", "package-lock.json", "../schema.graphql")
NPM = """echo npm "$@" >> calls"""
NODE = """
[ "$1" = --version ] && echo v22.1.0 && exit
echo node "$1" >> calls
mkdir "$2" && echo "bundle of `wc -l < calls`" > "$2/main.js"
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    folder = tmp_path / "page"
    (folder / "node_modules").mkdir(parents=True)
    for name in INPUTS:
        (folder / name).write_text(name)
    return Bundle("The page", "page", folder, tmp_path / "served", INPUTS)


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


def _calls(bundle: Bundle) -> list[str]:
    return (bundle.folder / "calls").read_text().splitlines()


def _bundled(bundle: Bundle) -> str:
    return (bundle.static / "main.js").read_text()


def test_a_build_installs_what_is_locked_and_bundles_it(bundle: Bundle, path: Path) -> None:
    assert bundle.build(str(path)) is True
    assert _calls(bundle) == ["npm ci", "node bundle.mjs"]
    assert _bundled(bundle) == "bundle of 2\n"
    assert packed(bundle.static / "main.js").is_file()
    assert list((bundle.folder / "node_modules").iterdir()) == []


def test_a_second_build_has_nothing_to_do(bundle: Bundle, path: Path) -> None:
    bundle.build(str(path))
    assert bundle.build(str(path)) is False
    assert len(_calls(bundle)) == 2


@pytest.mark.parametrize("name", INPUTS)
def test_any_changed_input_is_built_anew(bundle: Bundle, path: Path, name: str) -> None:
    bundle.build(str(path))
    (bundle.folder / name).write_text("changed")
    assert bundle.build(str(path)) is True
    assert _bundled(bundle) == "bundle of 4\n"


def test_an_input_of_another_name_is_built_anew(bundle: Bundle, path: Path) -> None:
    bundle.build(str(path))
    (bundle.folder / "bundle.mjs").rename(bundle.folder / "renamed.mjs")
    renamed = Bundle("The page", "page", bundle.folder, bundle.static, ("renamed.mjs", *INPUTS[1:]))
    assert renamed.build(str(path)) is True


def test_without_its_registry_the_build_says_so_and_leaves_the_old_bundle(bundle: Bundle, path: Path) -> None:
    bundle.build(str(path))
    (bundle.folder / "bundle.mjs").write_text("changed")
    _command(path / "npm", "exit 1")
    with pytest.raises(BuildError, match=r"^The page is not built: npm could not install.*`make page` tries again"):
        bundle.build(str(path))
    assert _bundled(bundle) == "bundle of 2\n"


def test_a_bundle_that_fails_leaves_the_old_one(bundle: Bundle, path: Path) -> None:
    bundle.build(str(path))
    (bundle.folder / "bundle.mjs").write_text("wrong")
    _command(path / "node", '[ "$1" = --version ] && echo v22.1.0 && exit\nmkdir "$2"; exit 1')
    with pytest.raises(BuildError, match="bundling failed"):
        bundle.build(str(path))
    assert _bundled(bundle) == "bundle of 2\n"


def test_as_a_command_it_says_what_it_did(bundle: Bundle, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bundle.build(str(path))
    bundle.main()
    assert capfd.readouterr().out == "The page is up to date.\n"


def test_sources_are_all_files_but_those_that_are_made(tmp_path: Path) -> None:
    for name in ("src/main.tsx", "src/made/types.ts", "node_modules/x/index.js", "package.json"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert sources(tmp_path, ("node_modules", "src/made")) == ("package.json", "src/main.tsx")
