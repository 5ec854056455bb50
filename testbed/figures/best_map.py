"""The fastest deployment at each point of two axes, as a table and as a map.

A deployment that lost more than MAX_LOST of its requests is no candidate. Where the fastest and
the second cannot be told apart by their 95 % intervals, the map is hatched.
"""

from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator

from testbed.figures import style, sweep_points
from testbed.figures.axis import Axis, CannotDraw, Sweep, axes_of
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve, log_ratio_interval
from testbed.results.wording import percent

HEIGHT_IN = 2.0
FRAME_IN = 0.85
LETTERS = (16, 12)
"""So many letters have room across and up."""
FEW = 8
"""So many values of an axis each have a tick; more have ticks in round numbers."""

STRENGTH = 0.6
HATCH: dict[str, Any] = {"hatch": "//////", "edgecolor": style.INK}
NOBODY = "#d9d9d9"
SAYS = "Letter and colour: the smallest mean."
HATCHED = " Too close to call: the second's 95 % interval leaves it open."
BLANK = " Blank: failed."


@dataclass(frozen=True)
class Scale:
    """Where the values of an axis lie on the map.

    values: of the column, ascending. at: their places. edges: of their cells, one more. ticks:
    places that have one; tick_labels: what it says.
    """

    values: list[Any]
    at: npt.NDArray[np.float64]
    edges: npt.NDArray[np.float64]
    ticks: npt.NDArray[np.float64]
    tick_labels: list[str]


def best_of(sweep: Sweep) -> pd.DataFrame:
    """A row a point: the axes' values, deployment, mean_ms, second, second_ms and told_apart.

    second, second_ms: missing where there was one candidate. told_apart: whether the 95 % interval
    of the ratio of the two means leaves out 1; False where an interval is unknown, True without a
    second. A point without a candidate has no deployment. Raises CannotDraw unless the sweep has
    two axes and points of one backend.
    """
    at = [axis.column for axis in _two_axes(sweep)]
    rows = sweep_points.of_one_source(sweep).dropna(subset=at)
    candidates = rows[~sweep_points.lossy(rows) & rows["mean_ms"].notna()]
    by_rank = candidates.sort_values([*at, "mean_ms"], kind="stable").groupby(at)
    points = pd.MultiIndex.from_frame(rows[at].drop_duplicates(), names=at).sort_values()
    first, second = (by_rank.nth(rank).set_index(at).reindex(points) for rank in range(2))
    here = np.zeros(len(points))  # the interval is of the means alone
    _, high = log_ratio_interval(
        *(Curve("", here, *sweep_points.means(of)) for of in (first, second))
    )
    table = first[["deployment", "mean_ms"]].assign(
        second=second["deployment"],
        second_ms=second["mean_ms"],
        told_apart=(first["mean_ms"].notna() & second["mean_ms"].isna()) | (high < 0),
    )
    return table.reset_index()


def draw(sweep: Sweep) -> Figure:
    """The map of `best_of`, a colour and a letter for each deployment. Raises CannotDraw."""
    across, up = _two_axes(sweep)
    table, rows = best_of(sweep), sweep_points.of_one_source(sweep)
    shown = {
        name: (chr(ord("A") + i), _light(colour))
        for i, (name, (colour, _)) in enumerate(style.looks(sweep_points.names(rows)).items())
    }
    too_close = (table["deployment"].notna() & ~table["told_apart"]).any()
    keys = [
        Patch(facecolor=colour, label=f"{letter}  {name}")
        for name, (letter, colour) in shown.items()
        if (table["deployment"] == name).any()
    ]
    if too_close:
        keys.append(Patch(facecolor="white", linewidth=0.3, label="too close to call", **HATCH))
    if table["deployment"].isna().any():
        keys.append(Patch(facecolor=NOBODY, label=f"all lost over {percent(MAX_LOST)}"))
    drawn = style.with_legend(FRAME_IN + HEIGHT_IN, keys, handlelength=2.0)
    columns, lines = scale_of(across, rows), scale_of(up, rows)
    axes = drawn.add_subplot(xlabel=across.label, ylabel=up.label)
    cells = table[[across.column, up.column, "deployment", "told_apart"]]
    for x, y, name, told_apart in cells.itertuples(index=False, name=None):
        place = (columns.values.index(x), lines.values.index(y))
        _cell(axes, (columns, lines), place, shown.get(name), hatched=not told_apart)
    axes.spines[:].set_visible(True)
    axes.set(xlim=columns.edges[[0, -1]], ylim=lines.edges[[0, -1]])
    axes.set_xticks(columns.ticks, columns.tick_labels)
    axes.set_yticks(lines.ticks, lines.tick_labels)
    said = SAYS + (HATCHED if too_close else "")
    said += BLANK if len(table) < len(columns.values) * len(lines.values) else ""
    style.small_print(drawn, [*sweep_points.caption_lines(sweep, rows), said])
    return drawn


def scale_of(axis: Axis, rows: pd.DataFrame) -> Scale:
    """Numbers lie at their value or, where they span enough, its logarithm; texts side by side.

    A cell reaches half-way to its neighbours, the outermost as far on their other side.
    """
    values = rows[axis.column].dropna().unique().tolist()
    if axis.is_text:
        at = ticks = np.arange(len(values), dtype=float)
        tick_labels = [axis.say(value) for value in values]
    else:
        values.sort()
        shown = np.array(values, float) / axis.scale
        log = bool(shown[0] > 0 and shown[-1] / shown[0] >= style.LOG_FROM)
        ticked = shown if len(values) <= FEW else _round(shown, log=log)
        at, ticks = (np.log10(of) if log else of for of in (shown, ticked))
        tick_labels = [f"{tick:.3g}" for tick in ticked]
    middles = (at[1:] + at[:-1]) / 2
    edges = np.r_[2 * at[0] - middles[0], middles, 2 * at[-1] - middles[-1]]
    return Scale(values, at, edges, ticks, tick_labels)


def _two_axes(sweep: Sweep) -> tuple[Axis, Axis]:
    """The rate goes across where there is one; else the first axis does."""
    axes = axes_of(sweep)
    if len(axes) != 2:
        words = " and ".join(axis.keys[0] for axis in axes) or "none"
        raise CannotDraw(f"found {words} with several values, needed: two axes")
    across, up = sorted(axes, key=lambda axis: axis.quantity != "rate")
    return across, up


def _cell(
    axes: Axes,
    scales: tuple[Scale, Scale],
    place: tuple[int, int],
    best: tuple[str, str] | None,
    *,
    hatched: bool,
) -> None:
    """A point: the letter and colour of the best at it; None where there is no candidate."""
    (left, right), (bottom, top) = (
        scale.edges[at : at + 2] for scale, at in zip(scales, place, strict=True)
    )
    cell = partial(Rectangle, (left, bottom), right - left, top - bottom, linewidth=0)
    axes.add_patch(cell(facecolor=best[1] if best else NOBODY))
    if best and hatched:
        axes.add_patch(cell(facecolor="none", **HATCH))
    strides = [ceil(len(of.values) / room) for of, room in zip(scales, LETTERS, strict=True)]
    if best and all(at % s == s // 2 for at, s in zip(place, strides, strict=True)):
        x, y = (scale.at[at] for scale, at in zip(scales, place, strict=True))
        axes.annotate(best[0], (x, y), ha="center", va="center", path_effects=style.HALO)


def _round(shown: npt.NDArray[np.float64], *, log: bool) -> npt.NDArray[np.float64]:
    """Round numbers within the values."""
    low, high = shown[0], shown[-1]
    locator = LogLocator(subs=(1, 2, 5), numticks=20) if log else MaxNLocator(6)
    ticks = np.asarray(locator.tick_values(low, high), float)
    slack = 1e-9 * high
    inside: npt.NDArray[np.float64] = ticks[(ticks >= low - slack) & (ticks <= high + slack)]
    return inside


def _light(colour: str) -> str:
    """Light enough for a letter and hatching on it."""
    red, green, blue = (1 - (1 - part) * STRENGTH for part in to_rgb(colour))
    return to_hex((red, green, blue))
