"""How far virtual time is from the wall clock: predicted over measured latency.

The figures of two backends and clocks: they are about their difference. `cells_of` takes a sweep's
points that were done on both clocks; `draw` sets cells from anywhere against each other, one by
one; `draw_validation` shows what was measured as points on the curves that were predicted.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from testbed.figures import curve_panel, style, sweep_points
from testbed.figures.axis import Axis, CannotDraw, Sweep, axes_of, done
from testbed.results.wording import percent

HEIGHTS_IN = (1.8, 1.0)  # of latency over latency, and of the error
FRAME_IN = 0.9
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
SHADED = (0.15, 0.05)
LEAST_REACH = 0.2  # of the axis of errors, either way
MAX_ERROR = 1.0  # a larger one lies at the panel's edge
SHADE: dict[str, Any] = {"color": style.MUTED, "alpha": 0.13, "linewidth": 0, "zorder": 0}
SAYS = "Shades: errors up to 5 % and up to 15 %."
TIMES = ["measured_ms", "predicted_ms"]

PANEL_IN = 1.8
MARKS: dict[str, Any] = {"markersize": 3.8, "markeredgecolor": "white", "markeredgewidth": 0.4}
POINTS: dict[str, Any] = {**MARKS, "linestyle": "none", "elinewidth": 0.8, "zorder": 3}
VALIDATION = "Curves: predicted. Points: measured. Bands and bars: 95 % interval of the mean."
USUAL = ("rate", "loss", "rtt", "other")
"""The quantity that goes across, if there are several axes."""

Shown = dict[str, tuple[style.Look, str]]


def cells_of(sweep: Sweep) -> pd.DataFrame:
    """A row for each point and deployment done on both clocks: axes, deployment, median times.

    Points at which a median is unknown on either clock are left out. Raises CannotDraw unless
    the points are of one backend on the wall clock and one in virtual time.
    """
    rows = _both_clocks(sweep)
    keys = [*(axis.column for axis in axes_of(sweep)), "deployment"]
    measured, predicted = (
        rows.loc[rows["clock"] == clock, [*keys, "p50_ms"]].rename(columns={"p50_ms": name})
        for clock, name in zip(("wall", "virtual"), TIMES, strict=True)
    )
    known: pd.DataFrame = measured.merge(predicted, on=keys).dropna(subset=TIMES)
    if known.empty:
        raise CannotDraw("found no point with a latency on both clocks, needed: one")
    return known


def draw_sweep(sweep: Sweep) -> Figure:
    """`draw` for a sweep's points that were done on both clocks. Raises CannotDraw."""
    return draw(cells_of(sweep), sweep_points.caption_lines(sweep, done(sweep.table)))


def draw(cells: pd.DataFrame, said: Sequence[str]) -> Figure:
    """Predicted over measured median, and the error below it.

    cells: `deployment` and TIMES, above 0; where there is a column `held_out` (bool), the cells
    that were used for tuning are hollow. said: the caption, which names backends and clocks.
    """
    shown = _shown(cells)
    keys = [Line2D([], [], label=name, **_points(shown, name)) for name in shown]
    if "held_out" in cells:
        hollow = _points(shown, next(iter(shown)), filled=False) | {"markeredgecolor": style.MUTED}
        keys.append(Line2D([], [], label="hollow: used for tuning", **hollow))
    drawn = style.with_legend(FRAME_IN + sum(HEIGHTS_IN), keys, handlelength=1.0)
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=HEIGHTS_IN)
    _times(above, cells)
    _errors(below, cells)
    for name, held_out, part in _groups(cells):
        look = _points(shown, name, filled=held_out)
        above.plot(part["measured_ms"], part["predicted_ms"], **look)
        below.plot(part["measured_ms"], _error(part).clip(-MAX_ERROR, MAX_ERROR) * 100, **look)
    style.small_print(drawn, [*said, error_in_words(cells), SAYS])
    return drawn


def draw_validation(sweep: Sweep) -> Figure:
    """Mean latency over the rate if it varies, else over another axis of numbers.

    Raises CannotDraw for a sweep without points on both clocks, or without an axis of numbers.
    """
    rows = _both_clocks(sweep)
    numbers = [axis for axis in axes_of(sweep) if not axis.is_text]
    if not numbers:
        raise CannotDraw("found no axis of several numbers, needed: one")
    x = min(numbers, key=lambda axis: USUAL.index(axis.quantity))
    shown = _shown(rows)
    keys = [
        Line2D([], [], label=name, **style.line(look), marker=marker, **MARKS)
        for name, (look, marker) in shown.items()
    ]
    return curve_panel.draw_panels(
        sweep,
        x,
        rows,
        partial(_validated, x=x, shown=shown),
        keys=keys + curve_panel.legend_deadline(rows),
        says=VALIDATION,
        panel_in=PANEL_IN,
    )


def error_in_words(cells: pd.DataFrame) -> str:
    """The size of the error over all cells, or over those held out where there are such."""
    judged = cells[cells["held_out"]] if "held_out" in cells else cells
    which = "cells not used for tuning" if "held_out" in cells else "cells"
    size = _error(judged).abs().sort_values()
    tail = float(size.iloc[ceil(0.95 * len(size)) - 1])  # nearest rank, as everywhere here
    return (
        f"Error of p50 over {len(judged)} {which}: median {percent(float(size.median()))}, "
        f"95th percentile {percent(tail)}."
    )


def _both_clocks(sweep: Sweep) -> pd.DataFrame:
    """The rows that were done. Raises CannotDraw unless each clock has one backend."""
    rows = done(sweep.table)
    found = sweep_points.sources(rows)
    if sorted(clock for _, clock in found) != ["virtual", "wall"]:
        words = sweep_points.source_in_words(found)
        raise CannotDraw(f"found {words}, needed: one backend on each clock (`clock: both`)")
    return rows


def _error(cells: pd.DataFrame) -> "pd.Series[float]":
    """Of the prediction, as a share of what was measured."""
    return cells["predicted_ms"] / cells["measured_ms"] - 1


def _groups(cells: pd.DataFrame) -> Iterator[tuple[str, bool, pd.DataFrame]]:
    """Deployment, whether held out, the cells; those used for tuning first, beneath."""
    held_out = cells["held_out"] if "held_out" in cells else pd.Series(True, index=cells.index)
    for wanted in (False, True):
        for name in sweep_points.names(cells):
            part = cells[(cells["deployment"] == name) & (held_out == wanted)]
            if not part.empty:
                yield name, wanted, part


def _times(axes: Axes, cells: pd.DataFrame) -> None:
    both = cells[TIMES].to_numpy(float)
    curve_panel.scaled(axes, "x", both, log=True)
    curve_panel.scaled(axes, "y", both, log=True)
    ends = np.array(axes.get_xlim())
    for error in SHADED:
        axes.fill_between(ends, ends * (1 - error), ends * (1 + error), **SHADE)
    axes.plot(ends, ends, color=style.MUTED, linewidth=0.7, zorder=1)
    axes.set_ylabel("predicted p50 (ms)")
    axes.grid()


def _errors(axes: Axes, cells: pd.DataFrame) -> None:
    for error in SHADED:
        axes.axhspan(-error * 100, error * 100, **SHADE)
    axes.axhline(0, color=style.MUTED, linewidth=0.7, zorder=1)
    reach = 100 * min(MAX_ERROR, max(1.1 * float(_error(cells).abs().max()), LEAST_REACH))
    axes.set_ylim(-reach * 1.05, reach * 1.05)
    axes.yaxis.set_major_locator(MaxNLocator(5, symmetric=True))
    axes.set_xlabel("measured p50 (ms)")
    axes.set_ylabel("error (%)")
    axes.grid()


def _shown(rows: pd.DataFrame) -> Shown:
    """The look of each deployment's curve and the shape of its points, by its place."""
    looks = style.looks(sweep_points.names(rows)).items()
    return {n: (look, m) for (n, look), m in zip(looks, cycle(MARKERS), strict=False)}


def _points(shown: Shown, name: str, *, filled: bool = True) -> dict[str, Any]:
    """How a deployment's points are drawn."""
    (colour, _), marker = shown[name]
    return {
        "linestyle": "none",
        "marker": marker,
        "markersize": 3.4,
        "color": colour,
        "markerfacecolor": colour if filled else "white",
        "markeredgecolor": "white" if filled else colour,
        "markeredgewidth": 0.3 if filled else 0.6,
    }


def _validated(axes: Axes, panel: sweep_points.Panel, *, x: Axis, shown: Shown) -> None:
    rows = panel.rows
    for curve in sweep_points.curves(rows[rows["clock"] == "virtual"], x):
        curve_panel.draw_curve(axes, curve, shown[curve.name][0], x.scale, marks=False)
    for curve in sweep_points.curves(rows[rows["clock"] == "wall"], x):
        ends = np.array([curve.y - curve.low, curve.high - curve.y])
        look, marker = shown[curve.name]
        axes.errorbar(curve.x / x.scale, curve.y, ends, color=look[0], marker=marker, **POINTS)
