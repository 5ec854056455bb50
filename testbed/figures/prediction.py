"""Predicted over measured latency: how far virtual time is from the wall clock, cell by cell.

The one figure of two backends and clocks: it is about their difference. `cells_of` takes a sweep's
points that were done on both clocks; `draw` takes cells from anywhere.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from testbed.figures import curve_panel, style
from testbed.figures.cannot_draw import CannotDraw
from testbed.figures.sweep_points import (
    axes_of,
    caption_lines,
    done,
    names,
    source_in_words,
    sources,
)
from testbed.results.sweep_table import Sweep
from testbed.results.wording import percent

HEIGHTS_IN = (1.8, 1.0)  # of latency over latency, and of the error
FRAME_IN = 0.9
LEGEND_COLUMNS = 2
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
MARKER_PT = 3.4
BANDS = (0.15, 0.05)
LEAST_REACH = 0.2  # of the axis of errors, either way
MAX_ERROR = 1.0  # a larger one lies at the panel's edge
SHADE: dict[str, Any] = {"color": style.MUTED, "alpha": 0.13, "linewidth": 0, "zorder": 0}
SAYS = "Shades: errors up to 5 % and up to 15 %."
COLUMNS = ("deployment", "measured_ms", "predicted_ms")


def cells_of(sweep: Sweep, statistic: str = "p50_ms") -> pd.DataFrame:
    """A row for each point and deployment done on both clocks: the axes' values, then COLUMNS.

    Points at which the statistic is unknown on either clock are left out. Raises CannotDraw unless
    the points are of one backend on the wall clock and one in virtual time.
    """
    measured, predicted = both_clocks(sweep)
    keys = [*(axis.column for axis in axes_of(sweep)), "deployment"]
    joined = measured[[*keys, statistic]].merge(
        predicted[[*keys, statistic]], on=keys, suffixes=("_measured", "_predicted")
    )
    cells = joined.rename(
        columns={f"{statistic}_measured": "measured_ms", f"{statistic}_predicted": "predicted_ms"}
    )
    known: pd.DataFrame = cells.dropna(subset=["measured_ms", "predicted_ms"])
    if known.empty:
        raise CannotDraw("found no point with a latency on both clocks, needed: one")
    return known


def both_clocks(sweep: Sweep) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows done on the wall clock, and those in virtual time. Raises CannotDraw."""
    rows = done(sweep.table)
    found = sources(rows)
    if sorted(clock for _, clock in found) != ["virtual", "wall"]:
        raise CannotDraw(
            f"found {source_in_words(found)}, needed: one backend on each clock (`clock: both`)"
        )
    return rows[rows["clock"] == "wall"], rows[rows["clock"] == "virtual"]


def draw(cells: pd.DataFrame, said: Sequence[str], statistic: str = "p50") -> Figure:
    """Predicted over measured, and the error below it; the shades are BANDS.

    cells: COLUMNS, times in ms and above 0; where there is a column `held_out` (bool), the cells
    that were used for tuning are hollow. said: the caption, which names backends and clocks.
    statistic: what the times are, for the labels.
    """
    shown = {name: index for index, name in enumerate(names(cells))}
    keys = [Line2D([], [], label=name, **_look(i, filled=True)) for name, i in shown.items()]
    if "held_out" in cells:
        hollow = _look(0, filled=False) | {"markeredgecolor": style.MUTED}
        keys.append(Line2D([], [], label="hollow: used for tuning", **hollow))
    drawn = style.figure(
        FRAME_IN + sum(HEIGHTS_IN) + style.LEGEND_ROW_IN * ceil(len(keys) / LEGEND_COLUMNS)
    )
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=HEIGHTS_IN)
    _times(above, cells, statistic)
    _errors(below, cells, statistic)
    for name, held_out, part in _groups(cells):
        look = _look(shown[name], filled=held_out)
        above.plot(part["measured_ms"], part["predicted_ms"], **look)
        below.plot(part["measured_ms"], _error(part).clip(-MAX_ERROR, MAX_ERROR) * 100, **look)
    style.legend(drawn, keys, LEGEND_COLUMNS, handlelength=1.0)
    style.small_print(drawn, [*said, error_in_words(cells, statistic), SAYS])
    return drawn


def draw_sweep(sweep: Sweep) -> Figure:
    """`draw` for a sweep's points that were done on both clocks. Raises CannotDraw."""
    return draw(cells_of(sweep), caption_lines(sweep, done(sweep.table)))


def error_in_words(cells: pd.DataFrame, statistic: str = "p50") -> str:
    """The size of the error over all cells, or over those held out where there are such."""
    judged = cells[cells["held_out"]] if "held_out" in cells else cells
    which = "cells not used for tuning" if "held_out" in cells else "cells"
    size = _error(judged).abs().sort_values()
    tail = float(size.iloc[ceil(0.95 * len(size)) - 1])  # nearest rank, as everywhere here
    return (
        f"Error of {statistic} over {len(judged)} {which}: median {percent(float(size.median()))}, "
        f"95th percentile {percent(tail)}."
    )


def _error(cells: pd.DataFrame) -> "pd.Series[float]":
    """Of the prediction, as a share of what was measured."""
    return cells["predicted_ms"] / cells["measured_ms"] - 1


def _groups(cells: pd.DataFrame) -> Iterator[tuple[str, bool, pd.DataFrame]]:
    """Deployment, whether held out, the cells; those used for tuning first, beneath."""
    held_out = cells["held_out"] if "held_out" in cells else pd.Series(True, index=cells.index)
    for wanted in (False, True):
        for name in names(cells):
            part = cells[(cells["deployment"] == name) & (held_out == wanted)]
            if not part.empty:
                yield name, wanted, part


def _times(axes: Axes, cells: pd.DataFrame, statistic: str) -> None:
    both = cells[["measured_ms", "predicted_ms"]].to_numpy(float)
    curve_panel.scaled(axes, "x", both, log=True)
    curve_panel.scaled(axes, "y", both, log=True)
    ends = np.array(axes.get_xlim())
    for error in BANDS:
        axes.fill_between(ends, ends * (1 - error), ends * (1 + error), **SHADE)
    axes.plot(ends, ends, color=style.MUTED, linewidth=0.7, zorder=1)
    axes.set_ylabel(f"predicted {statistic} (ms)")
    axes.grid()


def _errors(axes: Axes, cells: pd.DataFrame, statistic: str) -> None:
    for error in BANDS:
        axes.axhspan(-error * 100, error * 100, **SHADE)
    axes.axhline(0, color=style.MUTED, linewidth=0.7, zorder=1)
    reach = 100 * min(MAX_ERROR, max(1.1 * float(_error(cells).abs().max()), LEAST_REACH))
    axes.set_ylim(-reach * 1.05, reach * 1.05)
    axes.yaxis.set_major_locator(MaxNLocator(5, symmetric=True))
    axes.set_xlabel(f"measured {statistic} (ms)")
    axes.set_ylabel("error (%)")
    axes.grid()


def _look(index: int, *, filled: bool) -> dict[str, Any]:
    """Colour and shape of a deployment's points."""
    colour = style.LINES[index % len(style.LINES)][0]
    return {
        "linestyle": "none",
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": MARKER_PT,
        "color": colour,
        "markerfacecolor": colour if filled else "white",
        "markeredgecolor": "white" if filled else colour,
        "markeredgewidth": 0.3 if filled else 0.6,
    }
