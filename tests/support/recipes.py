"""The pages of `docs/` that say how something is added: read as steps, and followed in a copy of the project.

Before each block of code a line says where it goes:

    New file `schema/x.py`:
    In `schema/x.py`, below `a line that begins so`:
    In `schema/x.py`, in `class X:`, in place of `a line that begins so`:

and without a block, in one line: In `schema/x.py`, replace `these words` by `those`.
Blocks of sh are run as they stand.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.support.checkout import Checkout

_FENCE = "```"
_NEW = re.compile(r"New file `(?P<path>[^`]+)`:")
_PLACED = re.compile(
    r"In `(?P<path>[^`]+)`,(?: in `(?P<scope>[^`]+)`,)? (?P<how>below|in place of) `(?P<anchor>[^`]+)`:"
)
_REPLACED = re.compile(r"In `(?P<path>[^`]+)`, replace `(?P<words>[^`]+)` by `(?P<others>[^`]+)`\.")

Step = Callable[[Checkout], object]
"""What somebody does who follows a page."""


class Unclear(Exception):  # noqa: N818  # a page that does not say enough, or is about a project that has changed
    """What of a page cannot be followed."""


@dataclass(frozen=True)
class Block:
    """A block of a page: its language, its text, and the last line of words before it."""

    language: str
    text: str
    said: str


def follow(page: str, checkout: Checkout) -> None:
    """Do what a page says, in order, up to what cannot be done."""
    for step in _steps(page):
        step(checkout)


def _steps(page: str) -> Iterator[Step]:
    for part in _parts(page):
        if isinstance(part, Block):
            yield _step(part)
        elif replaced := _REPLACED.fullmatch(part):
            yield _replacing(replaced)


def _parts(page: str) -> Iterator[str | Block]:
    said, lines = "", iter(page.splitlines())
    for line in lines:
        if line.startswith(_FENCE):
            text = "".join(f"{each}\n" for each in iter(lambda: next(lines), _FENCE))
            yield Block(line.removeprefix(_FENCE), text, said)
        elif line:
            yield (said := line)


def _step(block: Block) -> Step:
    if block.language == "sh":
        return lambda checkout: checkout.succeed(block.text)
    if new := _NEW.fullmatch(block.said):
        return lambda checkout: checkout.write(new["path"], block.text)
    if placed := _PLACED.fullmatch(block.said):
        return _placing(placed, block.text)
    raise Unclear(f"It does not say where this goes: {block.text[:100]}")


def _placing(placed: re.Match[str], block: str) -> Step:
    def place(checkout: Checkout) -> None:
        lines = checkout.text(placed["path"]).splitlines(keepends=True)
        at = _line(lines, placed)
        lines[at : at + 1] = [lines[at], block] if placed["how"] == "below" else [block]
        checkout.write(placed["path"], "".join(lines))

    return place


def _line(lines: list[str], placed: re.Match[str]) -> int:
    """Where the line stands: the only one that begins so, or the first one in its scope."""
    scope = placed["scope"]
    begins = [number for number, line in enumerate(lines) if line.startswith(scope)] if scope else [-1]
    if len(begins) != 1:
        raise Unclear(f"{placed['path']} has {len(begins)} lines that begin with {scope}")
    found = [number for number, line in enumerate(lines) if line.lstrip().startswith(placed["anchor"])]
    behind = [number for number in found if number > begins[0]]
    if not behind or (not scope and len(behind) != 1):
        raise Unclear(f"{placed['path']} has {len(behind)} lines that begin with {placed['anchor']}")
    return behind[0]


def _replacing(replaced: re.Match[str]) -> Step:
    def replace(checkout: Checkout) -> None:
        path, words = replaced["path"], replaced["words"]
        if (times := checkout.text(path).count(words)) != 1:
            raise Unclear(f"{path} says {words} {times} times")
        checkout.write(path, checkout.text(path).replace(words, replaced["others"]))

    return replace
