"""RESULTS.svg: what a request costs each peer, as a multiple of what it costs us."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.graphql.figures import OURS
from benchmarks.graphql.results import Results

_COLOURS = {
    "postberry": "#d1495b",
    "postberry-kept": "#e8a0a9",
    "endpoint": "#8d99ae",
    "mercurius-full": "#2a9d8f",
    "mercurius-bare": "#7cc4b8",
    "apollo": "#6f7fd8",
    "strawberry": "#e09f3e",
}
_WIDTH, _LEFT, _RIGHT, _TOP = 900, 290, 70, 64
_BAR, _GAP, _BETWEEN = 13, 2, 16
_LEGEND_COLUMNS, _LEGEND_WIDTH = 3, 250

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.case { font-weight: 600; }
.axis { stroke: #8c959f; stroke-dasharray: 2 3; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .axis { stroke: #6e7681; } }
"""


@dataclass(frozen=True)
class Bar:
    """One peer in one case."""

    peer: str
    multiple: float


def bars(results: Results) -> list[tuple[str, Sequence[Bar]]]:
    """Those of each case in which we were measured, under its title."""
    measured = ((title, results.compared[case]) for case, title in results.cases.items())
    return [
        (title.replace("`", ""), [Bar(peer, each.microseconds / by[OURS].microseconds) for peer, each in by.items()])
        for title, by in measured
        if OURS in by
    ]


def drawn(results: Results) -> str:
    """The picture, for light pages and dark ones."""
    groups = bars(results)
    longest = max((bar.multiple for _, each in groups for bar in each), default=1.0)
    parts, y = list(_legend(results)), float(_TOP)
    for title, each in groups:
        parts += _group(title, each, y, (_WIDTH - _LEFT - _RIGHT) / longest)
        y += len(each) * (_BAR + _GAP) + _BETWEEN
    label = "CPU of a request, as a multiple of Postberry's"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y:.0f}" role="img" aria-label="{label}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>"]) + "\n"


def _legend(results: Results) -> Iterator[str]:
    for number, (peer, title) in enumerate(results.peers.items()):
        row, column = divmod(number, _LEGEND_COLUMNS)
        x, y = 10 + column * _LEGEND_WIDTH, 10 + row * 20
        yield f'<rect x="{x}" y="{y}" width="12" height="12" rx="2" fill="{_COLOURS[peer]}"/>'
        yield f'<text x="{x + 18}" y="{y + 10}">{escape(title)}</text>'


def _group(title: str, each: Sequence[Bar], top: float, scale: float) -> Iterator[str]:
    height, x = len(each) * (_BAR + _GAP), _LEFT + scale
    yield f'<line class="axis" x1="{x:.1f}" y1="{top - 3:.1f}" x2="{x:.1f}" y2="{top + height + 1:.1f}"/>'
    yield f'<text class="case" x="{_LEFT - 10}" y="{top + height / 2 + 4:.1f}" text-anchor="end">{escape(title)}</text>'
    for number, bar in enumerate(each):
        y, width = top + number * (_BAR + _GAP), bar.multiple * scale
        yield f'<rect x="{_LEFT}" y="{y:.1f}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{_COLOURS[bar.peer]}"/>'
        yield f'<text x="{_LEFT + width + 6:.1f}" y="{y + _BAR - 2.5:.1f}">{bar.multiple:.2f} &#215;</text>'
