"""Mean latency, or energy, against what a sweep varies: a panel of curves, one a deployment.

Over rates latency is marked where the fastest deployment changes; on the logarithmic axes the
crossovers lie where the curves are seen to meet. `crossings_of` has them as a table.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from testbed.figures import style, sweep_points
from testbed.figures.axis import Axis, CannotDraw, Sweep, axis_with
from testbed.figures.curve_panel import (
    LABEL_ROW_PT,
    draw_curve,
    draw_panels,
    label_rows,
    legend_deadline,
)
from testbed.figures.sweep_points import Measure
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve, changes_the_smallest, crossovers
from testbed.results.wording import percent

PANEL_IN = 1.7
MAX_LINES = 4
PANEL_WIDTH_PT = 215  # about; what remains beside the vertical axis
HOLLOW: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 0.7}
UNTRUSTED = {**HOLLOW, "marker": "o", "markersize": 3, "markerfacecolor": "white"}
CROSSOVER = {**HOLLOW, "marker": "D", "markersize": 4, "markerfacecolor": "none", "zorder": 4}
CROSSOVER["markeredgecolor"] = style.INK
MARKS = " Upright: crossovers, grey: over repeats and devices; solid: the fastest changes."

COLUMNS = (
    "faster_below",
    "faster_above",
    "rate_bps",
    "rate_low_bps",
    "rate_high_bps",
    "latency_ms",
    "fastest",
    "point_below_bps",
    "point_above_bps",
    "sensitivity",
)
"""rate_bps: where both deployments' mean latency is `latency_ms`; below it `faster_below` is the
faster. rate_low_bps, rate_high_bps: 95 % interval; missing where it has no end within the sweep.
fastest: whether no other deployment is faster there, so that the best one changes. point_*: the
points of the sweep on either side, between which the rate was interpolated. sensitivity: by how
many % the rate moves where one of the latencies is 1 % off."""


def crossings_of(sweep: Sweep) -> pd.DataFrame:
    """All crossovers over the rate: a row each, COLUMNS after one for each further axis.

    Ascending by rate within each value of the further axes. Raises CannotDraw for a sweep without a
    rate, with points of several backends, or with more further values than a figure has panels.
    """
    x = axis_with(sweep, "rate")
    panels = sweep_points.panels_over(sweep, x, sweep_points.of_one_source(sweep))
    rows = []
    for panel in panels:
        drawn = sweep_points.curves(panel.rows, x)
        for one in crossovers(drawn, *sweep_points.other_devices(panel.rows, x)):
            found = (one.below, one.above, one.at, one.low, one.high, one.y)
            values = (*found, changes_the_smallest(one, drawn), *one.neighbours, one.sensitivity)
            rows.append({**panel.values, **dict(zip(COLUMNS, values, strict=True))})
    return pd.DataFrame(rows, columns=[*panels[0].values, *COLUMNS])


def draw(
    sweep: Sweep, quantity: Literal["rate", "loss"], of: Measure = sweep_points.LATENCY
) -> Figure:
    """Over the link's rate, with the rates at which latencies change places, or over its loss.

    Raises CannotDraw for a sweep that does not vary that or does not know what to draw, and as
    `panels_over` does.
    """
    x = axis_with(sweep, quantity)
    rows = sweep_points.of_one_source(sweep)
    if not {*of[:3]} <= {*rows.columns} or rows[of.mean].isna().all():
        raise CannotDraw(f"found no {of.mean} that is known, needed: one")
    shown = style.looks(sweep_points.names(rows))
    of_latency = of is sweep_points.LATENCY
    marked = of_latency and quantity == "rate" and not crossings_of(sweep).empty
    keys = [Line2D([], [], label=name, **style.line(look)) for name, look in shown.items()]
    keys += legend_deadline(rows) if of_latency else []
    if marked:
        keys.append(Line2D([], [], label="crossover", **CROSSOVER))
    if sweep_points.lossy(rows).any():
        label = f"over {percent(MAX_LOST)} lost"
        keys.append(Line2D([], [], label=label, **UNTRUSTED, markeredgecolor=style.MUTED))
    return draw_panels(
        sweep,
        x,
        rows,
        partial(_panel, x=x, shown=shown, marked=marked, of=of),
        keys=keys,
        says=of.says + (MARKS if marked else ""),
        panel_in=PANEL_IN,
        of=of,
    )


def _panel(
    axes: Axes,
    panel: sweep_points.Panel,
    *,
    x: Axis,
    shown: dict[str, style.Look],
    marked: bool,
    of: Measure,
) -> None:
    rows = panel.rows
    found = sweep_points.curves(rows, x, of)
    if marked:
        _mark(axes, found, sweep_points.other_devices(rows, x), x, panel.title)
    for curve in found:
        draw_curve(axes, curve, shown[curve.name], x.scale)
    for name, part in rows[sweep_points.lossy(rows)].groupby("deployment"):
        at, colour = part[x.column] / x.scale, shown[str(name)][0]
        axes.plot(at, part[of.mean], **UNTRUSTED, markeredgecolor=colour)


def _mark(
    axes: Axes, found: Sequence[Curve], others: Sequence[Sequence[Curve]], x: Axis, title: str
) -> None:
    """Every crossover; where there are many, lines only for those that change the fastest."""
    all_marks = crossovers(found, *others)
    axes.plot([one.at / x.scale for one in all_marks], [one.y for one in all_marks], **CROSSOVER)
    fastest = [one for one in all_marks if changes_the_smallest(one, found)]
    marks = all_marks if len(all_marks) <= MAX_LINES else fastest
    low, high = axes.get_xlim()
    across = [
        float(np.log(one.at / x.scale / low) / np.log(high / low)) * PANEL_WIDTH_PT for one in marks
    ]
    texts = [x.say(one.at) for one in marks]
    places = label_rows(across, texts, title, PANEL_WIDTH_PT)
    for one, text, (row, side) in zip(marks, texts, places, strict=True):
        at = one.at / x.scale
        start = low if one.low is None else one.low / x.scale
        end = high if one.high is None else one.high / x.scale
        line = "-" if one in fastest else (0, (1, 1.5))
        axes.axvspan(start, end, color=style.MUTED, alpha=0.12, linewidth=0, zorder=0)
        axes.axvline(at, color=style.INK, linewidth=0.7, linestyle=line, zorder=1)
        up_pt = LABEL_ROW_PT * row
        style.above(axes, text, at, up_pt, xycoords=("data", "axes fraction"), ha=side)
