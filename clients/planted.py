"""Faults on purpose: a check that does not find them finds nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

from audit.findings import FoundError
from clients.schema_checks import breaking, lint, names
from clients.tools import FOLDER
from clients.walk import OPERATIONS
from graphql_api.schema import SDL

_FOLDER = FOLDER / "planted"
_STOCK = '  stock: Int!\n\n  """Whether there is a piece at all."""\n'


def planted() -> str:
    """Each check of the schema refuses one that has a fault of its kind, and names it."""
    sdl = SDL.read_text()
    undescribed = sdl.replace('  """Pieces that can be ordered now."""\n', "")
    _refused(lint, undescribed, 'Description is required for field "stock"')
    _refused(breaking, sdl.replace(_STOCK, ""), "FIELD_REMOVED Product.stock")
    _refused(names, sdl.replace("  inStock: Boolean!", "  while: Boolean!"), "Product.while: is a keyword")
    return "3 faults, all found"


def _refused(check: Callable[[Path], str], sdl: str, why: str) -> None:
    folder = _shop(sdl)
    try:
        check(folder)
    except FoundError as error:
        if any(why in line for line in error.lines):
            return
    raise FoundError(f"{why}: was not found", [])


def _shop(sdl: str) -> Path:
    """A folder with this schema and the examples."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    shutil.copytree(OPERATIONS, _FOLDER / OPERATIONS)
    (_FOLDER / SDL).write_text(sdl)
    return _FOLDER
