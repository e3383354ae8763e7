import gzip
import subprocess
import sys
from pathlib import Path

from graphql_api.pages.packed import pack
from tests.support.pages import BUNDLE, FONT, SCRIPT, STYLE, bundle


def _packed(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.gz")}


def test_each_text_is_packed_and_the_same_text_always_becomes_the_same(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "static")
    pack(folder)
    found = _packed(folder)
    assert gzip.decompress(found[f"{SCRIPT}.gz"]).decode() == BUNDLE[SCRIPT]
    assert gzip.decompress(found[f"{STYLE}.gz"]).decode() == BUNDLE[STYLE]
    assert f"{FONT}.gz" not in found
    pack(folder)
    assert _packed(folder) == found


def test_images_are_packed_by_a_command(tmp_path: Path) -> None:
    folders = [bundle(tmp_path / "graphiql"), bundle(tmp_path / "console")]
    subprocess.run([sys.executable, "-m", "graphql_api.pages.packed", *folders], check=True)
    assert _packed(folders[0]) == _packed(folders[1])
    assert f"{SCRIPT}.gz" in _packed(folders[0])
