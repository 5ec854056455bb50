"""Measurement over prediction: what was measured as points on the curves that were predicted."""

from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from testbed.figures import curve_panel
from testbed.figures.axis import Axis
from testbed.figures.cannot_draw import CannotDraw
from testbed.figures.curve_panel import Look, draw_panels
from testbed.figures.prediction import MARKERS, both_clocks
from testbed.figures.sweep_points import (
    Panel,
    axes_of,
    caption_lines,
    curves,
    done,
    names,
    panels_over,
)
from testbed.results.sweep_table import Sweep

PANEL_IN = 1.8
MARKS: dict[str, Any] = {"markersize": 3.8, "markeredgecolor": "white", "markeredgewidth": 0.4}
POINTS: dict[str, Any] = {**MARKS, "linestyle": "none", "elinewidth": 0.8, "zorder": 3}
SAYS = "Curves: predicted. Points: measured. Bands and bars: 95 % interval of the mean."
USUAL = ("rate", "loss", "rtt", "other")
"""The quantity that goes across, if there are several axes."""


def draw(sweep: Sweep) -> Figure:
    """Over the rate if it varies, else over another axis of numbers.

    Raises CannotDraw for a sweep without points on both clocks, or without an axis of numbers.
    """
    both_clocks(sweep)
    rows = done(sweep.table)
    x = _across(sweep)
    shown = curve_panel.looks(names(rows))
    keys = [
        Line2D([], [], label=name, **curve_panel.line(look), marker=marker, **MARKS)
        for (name, look), marker in zip(shown.items(), cycle(MARKERS), strict=False)
    ]
    return draw_panels(
        panels_over(sweep, x, rows),
        x,
        rows,
        partial(_panel, x=x, shown=shown),
        log=True if x.quantity == "rate" else None,
        keys=keys + curve_panel.legend_deadline(rows),
        said=[*caption_lines(sweep, rows), SAYS],
        panel_in=PANEL_IN,
    )


def _across(sweep: Sweep) -> Axis:
    axes = [axis for axis in axes_of(sweep) if not axis.is_text]
    if not axes:
        raise CannotDraw("found no axis of several numbers, needed: one")
    return min(axes, key=lambda axis: USUAL.index(axis.quantity))


def _panel(axes: Axes, panel: Panel, *, x: Axis, shown: dict[str, Look]) -> None:
    rows = panel.rows
    for curve in curves(rows[rows["clock"] == "virtual"], x):
        curve_panel.draw_curve(axes, curve, shown[curve.name], x.scale, marks=False)
    for curve in curves(rows[rows["clock"] == "wall"], x):
        ends = np.array([curve.y - curve.low, curve.high - curve.y])
        colour, marker = shown[curve.name][0], MARKERS[[*shown].index(curve.name) % len(MARKERS)]
        axes.errorbar(curve.x / x.scale, curve.y, ends, color=colour, marker=marker, **POINTS)
