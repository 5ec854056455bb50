"""The fastest deployment at each point of two axes, as a table and as a map.

A deployment that lost more than MAX_LOST of its requests is no candidate. Where the fastest and
the second cannot be told apart by their 95 % intervals, the map is hatched.
"""

from math import ceil, nan

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from testbed.figures import curve_panel, style
from testbed.figures.axis import Axis
from testbed.figures.cannot_draw import CannotDraw
from testbed.figures.map_scale import Scale, scale_of
from testbed.figures.sweep_points import (
    axes_of,
    caption_lines,
    lost_share,
    names,
    of_one_source,
)
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve, log_ratio_interval
from testbed.results.sweep_table import Sweep
from testbed.results.wording import percent

HEIGHT_IN = 2.0
FRAME_IN = 0.85
LEGEND_COLUMNS = 2
LETTERS = (16, 12)
"""So many letters have room across and up."""

STRENGTH = 0.6
HATCH = "//////"
NOBODY = "#d9d9d9"
SAYS = "Letter and colour: the smallest mean."
HATCHED = " Too close to call: the second's 95 % interval leaves it open."
BLANK = " Blank: failed."

COLUMNS = ("deployment", "mean_ms", "second", "second_ms", "told_apart")


def best_of(sweep: Sweep) -> pd.DataFrame:
    """A row for each point: the values of the two axes, then COLUMNS.

    second, second_ms: missing where there was one candidate. told_apart: whether the 95 % interval
    of the ratio of the two means leaves out 1; False where an interval is unknown, True without a
    second. A point without a candidate has no deployment. Raises CannotDraw unless the sweep has
    two axes and points of one backend.
    """
    across, up = _two_axes(sweep)
    at = [across.column, up.column]
    rows = of_one_source(sweep).dropna(subset=at)
    candidates = rows[(lost_share(rows) <= MAX_LOST) & rows["mean_ms"].notna()]
    by_rank = candidates.sort_values([*at, "mean_ms"], kind="stable").groupby(at)
    points = pd.MultiIndex.from_frame(rows[at].drop_duplicates(), names=at).sort_values()
    first, second = (by_rank.nth(rank).set_index(at).reindex(points) for rank in range(2))
    _, high = log_ratio_interval(_curve(first), _curve(second))
    alone = first["mean_ms"].notna() & second["mean_ms"].isna()
    values = (
        first["deployment"],
        first["mean_ms"],
        second["deployment"],
        second["mean_ms"],
        alone | (high < 0),
    )
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), index=points).reset_index()


def draw(sweep: Sweep) -> Figure:
    """The map of `best_of`, a colour and a letter for each deployment. Raises CannotDraw."""
    across, up = _two_axes(sweep)
    table, rows = best_of(sweep), of_one_source(sweep)
    shown = curve_panel.looks(names(rows))
    order = [name for name in shown if (table["deployment"] == name).any()]
    letters = {name: chr(ord("A") + i) for i, name in enumerate(shown)}
    keys = _keys({name: (letters[name], shown[name][0]) for name in order}, table)
    drawn = style.figure(
        FRAME_IN + HEIGHT_IN + style.LEGEND_ROW_IN * ceil(len(keys) / LEGEND_COLUMNS)
    )
    axes = drawn.add_subplot()
    columns, lines = scale_of(across, rows), scale_of(up, rows)
    _map(axes, table, columns, lines, letters, shown)
    style.legend(drawn, keys, LEGEND_COLUMNS, handlelength=2.0)
    said = SAYS + (HATCHED if _too_close(table).any() else "")
    said += BLANK if len(table) < len(columns.values) * len(lines.values) else ""
    style.small_print(drawn, [*caption_lines(sweep, rows), said])
    return drawn


def _two_axes(sweep: Sweep) -> tuple[Axis, Axis]:
    """The rate goes across where there is one; else the first axis does."""
    axes = axes_of(sweep)
    if len(axes) != 2:
        words = " and ".join(axis.keys[0] for axis in axes) or "none"
        raise CannotDraw(f"found {words} with several values, needed: two axes")
    across, up = sorted(axes, key=lambda axis: axis.quantity != "rate")
    return across, up


def _curve(rows: pd.DataFrame) -> Curve:
    """The rows' means and intervals as `log_ratio_interval` takes them; x has no part in it."""
    mean, low, high = (
        rows[name].to_numpy(float, na_value=nan)
        for name in ("mean_ms", "mean_low_ms", "mean_high_ms")
    )
    return Curve("", np.zeros(len(rows)), mean, low, high)


def _keys(order: dict[str, tuple[str, str]], table: pd.DataFrame) -> list[Patch]:
    keys = [Patch(facecolor=_light(c), label=f"{letter}  {n}") for n, (letter, c) in order.items()]
    if _too_close(table).any():
        keys.append(
            Patch(
                facecolor="white",
                hatch=HATCH,
                edgecolor=style.INK,
                linewidth=0.3,
                label="too close to call",
            )
        )
    if table["deployment"].isna().any():
        keys.append(Patch(facecolor=NOBODY, label=f"all lost over {percent(MAX_LOST)}"))
    return keys


def _too_close(table: pd.DataFrame) -> "pd.Series[bool]":
    return table["deployment"].notna() & ~table["told_apart"]


def _map(
    axes: Axes,
    table: pd.DataFrame,
    across: Scale,
    up: Scale,
    letters: dict[str, str],
    shown: dict[str, curve_panel.Look],
) -> None:
    stride_x, stride_y = (
        ceil(len(scale.values) / room) for scale, room in zip((across, up), LETTERS, strict=True)
    )
    for _, cell in table.iterrows():
        column, row = across.values.index(cell[across.column]), up.values.index(cell[up.column])
        corner = (across.edges[column], up.edges[row])
        size = (across.edges[column + 1] - corner[0], up.edges[row + 1] - corner[1])
        name = cell["deployment"]
        if pd.isna(name):
            axes.add_patch(Rectangle(corner, *size, facecolor=NOBODY, linewidth=0))
            continue
        axes.add_patch(Rectangle(corner, *size, facecolor=_light(shown[name][0]), linewidth=0))
        if not cell["told_apart"]:
            axes.add_patch(
                Rectangle(
                    corner, *size, facecolor="none", hatch=HATCH, edgecolor=style.INK, linewidth=0
                )
            )
        if column % stride_x == stride_x // 2 and row % stride_y == stride_y // 2:
            axes.annotate(
                letters[name],
                (across.at[column], up.at[row]),
                ha="center",
                va="center",
                path_effects=style.HALO,
            )
    axes.spines[:].set_visible(True)
    axes.set_xlim(across.edges[0], across.edges[-1])
    axes.set_ylim(up.edges[0], up.edges[-1])
    axes.set_xticks(across.ticks, across.tick_labels)
    axes.set_yticks(up.ticks, up.tick_labels)
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label)


def _light(colour: str) -> str:
    """Light enough for a letter and hatching on it."""
    red, green, blue = (1 - (1 - part) * STRENGTH for part in to_rgb(colour))
    return to_hex((red, green, blue))
