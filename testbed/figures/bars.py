"""Bars of what a mean consists of, stacked, one a deployment with its name above it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from testbed.figures import style

ROW_IN = 0.36
BAR_HEIGHT = 0.38  # of a row; the rest holds the name above the bar
ABOVE_FIRST_ROW = 0.8  # rows from the axes' top to the middle of the first bar
AROUND_AXES_IN = 0.95  # deadline, tick labels, axis label and caption
LEGEND_COLUMNS = 5

Look = tuple[str, str]
"""Colour and hatching."""


class Bar(NamedTuple):
    """parts: those with a length, in their order. total: words beside the bar."""

    name: str
    parts: Mapping[str, float]
    total: str


def stacked(rows: Sequence[Bar], looks: Mapping[str, Look]) -> tuple[Figure, Axes]:
    """A bar a row, and a legend of the parts that there are, in the order of `looks`."""
    shown = sorted({part for row in rows for part in row.parts}, key=[*looks].index)
    keys = [Patch(label=word(part), **look(looks[part])) for part in shown]
    rows_in = ROW_IN * (len(rows) - 0.5 + ABOVE_FIRST_ROW)
    drawn = style.with_legend(AROUND_AXES_IN + rows_in, keys, LEGEND_COLUMNS, handlelength=1.4)
    axes = drawn.add_subplot()
    for at, row in enumerate(rows):
        _draw(axes, at, row, looks)
    axes.set_ylim(len(rows) - 0.5, -ABOVE_FIRST_ROW)
    axes.set_yticks([])
    return drawn, axes


def frame(axes: Axes, end: float) -> None:
    """Values to the right from 0 to `end`, no line at the left."""
    axes.set_xlim(0, end)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def look(of: Look) -> dict[str, Any]:
    """How a part of a bar is filled."""
    colour, hatch = of
    return {"facecolor": colour, "hatch": hatch, "edgecolor": style.MUTED, "linewidth": 0.3}


def word(part: str) -> str:
    """Its name, as people read it."""
    return part.replace("_", " ")


def _draw(axes: Axes, at: int, row: Bar, looks: Mapping[str, Look]) -> None:
    left = 0.0
    for part, width in row.parts.items():
        edge = style.MUTED if looks[part][1] else "white"
        filled = look(looks[part]) | {"edgecolor": edge}
        axes.barh(at, width, BAR_HEIGHT, left=left, **filled)
        left += width
    axes.annotate(row.name, (0, at - BAR_HEIGHT / 2), (1, 2.5), **style.NOTE)
    beside = (3 if left else 1, 0)
    axes.annotate(row.total, (left, at), beside, va="center", **style.NOTE)
