"""The pictures of the demo products: drawn from `shapes.toml`, the same bytes each time for one version of Pillow."""

import io
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

CONTENT_TYPE = "image/jpeg"
EDGE = 480
_SIZE = (EDGE, EDGE)
_FINENESS = 2
"""Drawn so many times larger and then shrunk: that smooths the edges."""

_UNIT = EDGE * _FINENESS / 100
_FLOOR = (0, EDGE * 72 // 100, EDGE, EDGE)

Stroke = Sequence[Any]
Pen = ImageDraw.ImageDraw


@cache
def shapes() -> dict[str, Any]:
    """What can be drawn, and in which colours."""
    return tomllib.loads(files(__package__).joinpath("shapes.toml").read_text(encoding="utf-8"))


def draw(thing: str, palette: int, *, mirrored: bool) -> bytes:
    """A JPEG of the thing in one of the palettes, which are counted round and round."""
    palettes = shapes()["palettes"]
    colours = shapes()["colours"] | palettes[palette % len(palettes)]
    figure = _figure(shapes()["things"][thing], colours)
    if mirrored:
        figure = ImageOps.mirror(figure)
    picture = _background(colours)
    picture.paste(colours["dark"], (0, 0), _shadow(figure))
    picture.paste(figure, (0, 0), figure)
    return _jpeg(picture)


def _figure(strokes: Sequence[Stroke], colours: dict[str, str]) -> Image.Image:
    """The thing on nothing, lit from the left."""
    large = Image.new("RGBA", (EDGE * _FINENESS, EDGE * _FINENESS))
    pen = ImageDraw.Draw(large)
    for kind, colour, *numbers in strokes:
        _STROKES[kind](pen, colours[colour], [number * _UNIT for number in numbers], numbers)
    figure = large.reduce(_FINENESS)
    lit = ImageChops.multiply(figure.convert("RGB"), Image.merge("RGB", [_light()] * 3))
    lit.putalpha(figure.getchannel("A"))
    return lit


def _light() -> Image.Image:
    return Image.linear_gradient("L").rotate(90).resize(_SIZE).point([215 + level * 40 // 255 for level in range(256)])


def _background(colours: dict[str, str]) -> Image.Image:
    """A wall, and a floor that is a little darker."""
    top, bottom = (Image.new("RGB", _SIZE, colours[end]) for end in ("top", "bottom"))
    wall = Image.composite(bottom, top, Image.linear_gradient("L").resize(_SIZE))
    wall.paste(wall.crop(_FLOOR).point([level * 93 // 100 for level in range(256)] * 3), _FLOOR)
    return wall


def _shadow(figure: Image.Image) -> Image.Image:
    """What the thing takes from the light: blurred, to its right and below it."""
    small = figure.getchannel("A").reduce(4).point([level * 2 // 5 for level in range(256)])
    blurred = ImageChops.offset(small.filter(ImageFilter.GaussianBlur(4)), 3, 3)
    return blurred.resize(_SIZE, Image.Resampling.BILINEAR)


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=82, optimize=True)
    return file.getvalue()


def _line(pen: Pen, colour: str, scaled: list[float], _: list[float]) -> None:
    width, *points = scaled
    pen.line(points, fill=colour, width=round(width), joint="curve")
    for x, y in (points[:2], points[-2:]):  # round ends
        pen.circle((x, y), width / 2, fill=colour)


_STROKES: dict[str, Callable[[Pen, str, list[float], list[float]], None]] = {
    "oval": lambda pen, colour, at, _: pen.ellipse(at, fill=colour),
    "box": lambda pen, colour, at, _: pen.rounded_rectangle(at[:4], at[4], fill=colour),
    "poly": lambda pen, colour, at, _: pen.polygon(at, fill=colour),
    "line": _line,
    "arc": lambda pen, colour, at, given: pen.arc(at[1:5], given[5], given[6], colour, round(at[0])),
    "pie": lambda pen, colour, at, given: pen.pieslice(at[:4], given[4], given[5], colour),
}
"""How each kind of stroke is drawn: at the picture's scale; angles are as they are given."""
