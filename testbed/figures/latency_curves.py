"""Mean latency against what a sweep varies: a panel of curves, one a deployment.

`bandwidth` marks where the fastest deployment changes, see `crossings.py`; on its logarithmic axes
the crossovers lie where the curves are seen to meet.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from testbed.figures import curve_panel, style
from testbed.figures.axis import Axis
from testbed.figures.crossings import rate_axis
from testbed.figures.curve_panel import Look, draw_panels
from testbed.figures.sweep_points import (
    Panel,
    axis_with,
    caption_lines,
    curves,
    lost_share,
    names,
    of_one_source,
    panels_over,
)
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve, changes_the_smallest, crossovers
from testbed.results.sweep_table import Sweep

PANEL_IN = 1.7
MAX_LINES = 4
PANEL_WIDTH_PT = 215  # about; what remains beside the vertical axis
CROSSOVER: dict[str, Any] = {
    "linestyle": "none",
    "marker": "D",
    "markersize": 4,
    "markerfacecolor": "none",
    "markeredgecolor": style.INK,
    "markeredgewidth": 0.7,
    "zorder": 4,
}
BANDS = "Bands: 95 % interval of the mean."
MARKS = " Upright: crossovers and their interval; solid: the fastest changes."


def bandwidth(sweep: Sweep) -> Figure:
    """Over the link's rate, with the rates at which the fastest deployment changes.

    Raises CannotDraw for a sweep that does not vary a rate, and as `panels_over` does.
    """
    return _draw(sweep, rate_axis(sweep), log=True)


def loss(sweep: Sweep) -> Figure:
    """Over the share of packets lost. Raises CannotDraw for a sweep that does not vary it."""
    return _draw(sweep, axis_with(sweep, "loss", "link.uplink.loss"), log=None)


def _draw(sweep: Sweep, x: Axis, *, log: bool | None) -> Figure:
    """Rates (`log`) have logarithmic axes both ways and marks; others what their values need."""
    rows = of_one_source(sweep)
    panels = panels_over(sweep, x, rows)
    shown = curve_panel.looks(names(rows))
    marked = bool(log) and any(crossovers(curves(panel.rows, x)) for panel in panels)
    return draw_panels(
        panels,
        x,
        rows,
        partial(_panel, x=x, shown=shown, marked=marked),
        log=log,
        keys=_keys(shown, rows, marked=marked),
        said=[*caption_lines(sweep, rows), BANDS + (MARKS if marked else "")],
        panel_in=PANEL_IN,
    )


def _keys(shown: dict[str, Look], rows: pd.DataFrame, *, marked: bool) -> list[Line2D]:
    keys = [curve_panel.legend_line(name, look) for name, look in shown.items()]
    keys += curve_panel.legend_deadline(rows)
    if marked:
        keys.append(Line2D([], [], label="crossover", **CROSSOVER))
    if (lost_share(rows) > MAX_LOST).any():
        keys.append(curve_panel.legend_untrusted())
    return keys


def _panel(axes: Axes, panel: Panel, *, x: Axis, shown: dict[str, Look], marked: bool) -> None:
    rows = panel.rows
    found = curves(panel.rows, x)
    if marked:
        _mark(axes, found, x, panel.title)
    for curve in found:
        curve_panel.draw_curve(axes, curve, shown[curve.name], x.scale)
    for name, lossy in rows[lost_share(rows) > MAX_LOST].groupby("deployment"):
        look = curve_panel.untrusted(shown[str(name)][0])
        axes.plot(lossy[x.column] / x.scale, lossy["mean_ms"], **look)


def _mark(axes: Axes, found: Sequence[Curve], x: Axis, title: str) -> None:
    """Every crossover; where there are many, lines only for those that change the fastest."""
    all_marks = crossovers(found)
    axes.plot([one.at / x.scale for one in all_marks], [one.y for one in all_marks], **CROSSOVER)
    fastest = [one for one in all_marks if changes_the_smallest(one, found)]
    marks = all_marks if len(all_marks) <= MAX_LINES else fastest
    low, high = axes.get_xlim()
    across = [
        float(np.log(one.at / x.scale / low) / np.log(high / low)) * PANEL_WIDTH_PT for one in marks
    ]
    texts = [x.say(one.at) for one in marks]
    places = curve_panel.label_rows(across, texts, title, PANEL_WIDTH_PT)
    for one, text, (row, side) in zip(marks, texts, places, strict=True):
        start = low if one.low is None else one.low / x.scale
        end = high if one.high is None else one.high / x.scale
        line = "-" if one in fastest else (0, (1, 1.5))
        axes.axvspan(start, end, color=style.MUTED, alpha=0.12, linewidth=0, zorder=0)
        axes.axvline(one.at / x.scale, color=style.INK, linewidth=0.7, linestyle=line, zorder=1)
        curve_panel.above(axes, text, one.at / x.scale, row, side)
