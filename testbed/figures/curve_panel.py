"""The parts of a panel of curves: a curve with its interval, ticks in round numbers, labels."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from testbed.figures import style
from testbed.figures.axis import Axis, Sweep
from testbed.figures.sweep_points import (
    LATENCY,
    Measure,
    Panel,
    caption_lines,
    means,
    panels_over,
)
from testbed.results.crossover import Curve
from testbed.results.wording import milliseconds

FRAME_IN = 0.85
FEW_POINTS = 25  # each of so many is marked on its curve
LEAST_SPAN = 2.6  # end over start of a logarithmic axis: holds 1, 2 or 5
LABELLED_SPAN = 1500  # largest over smallest up to which 2 and 5 have their labels too
MARGIN = 0.04  # of the axis's length, on either side
BAND_ALPHA = 0.22
LABEL_ROW_PT = 8.5
LABEL_PT_WIDE = 4.2  # an average character at 7 pt


def draw_panels(
    sweep: Sweep,
    x: Axis,
    rows: pd.DataFrame,
    draw: Callable[[Axes, Panel], None],
    *,
    keys: Sequence[Line2D],
    says: str,
    panel_in: float,
    of: Measure = LATENCY,
) -> Figure:
    """Panels of a mean over `x`, one below the other, all with the limits of all `rows`.

    Over rates both axes are logarithmic, else if their values need it. draw: puts what is known
    into a panel. keys: of the legend. says: the caption's last line. panel_in: height of one.
    Raises CannotDraw as `panels_over` does.
    """
    log = True if x.quantity == "rate" else None
    panels = panels_over(sweep, x, rows)
    drawn = style.with_legend(FRAME_IN + panel_in * len(panels), keys)
    all_axes = drawn.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(all_axes, panels, strict=True):
        scaled(axes, "x", rows[x.column].to_numpy(float) / x.scale, log=log)
        scaled(axes, "y", np.ravel(means(rows, of)), log=log)
        draw(axes, panel)
        at_ms = _deadline_of(panel.rows) if of is LATENCY else None
        low, high = axes.get_ylim()
        if at_ms is not None and low < at_ms < high:
            axes.axhline(at_ms, **style.DEADLINE_LINE, zorder=1)
        style.above(axes, panel.title, 0, ha="left")
        axes.set_ylabel(of.label)
        axes.grid()
    all_axes[-1].set_xlabel(x.label)
    style.small_print(drawn, [*caption_lines(sweep, rows), says])
    return drawn


def draw_curve(
    axes: Axes, curve: Curve, look: style.Look, scale: float, *, marks: bool = True
) -> None:
    """The curve and its 95 % band, broken where it is unknown; x is divided by `scale`.

    marks: show the points too, if they are few.
    """
    colour, x = look[0], curve.x / scale
    axes.fill_between(x, curve.low, curve.high, color=colour, alpha=BAND_ALPHA, linewidth=0)
    points: dict[str, Any] = {}
    if marks and x.size <= FEW_POINTS:
        points = {"marker": "o", "markersize": 2.2, "markeredgewidth": 0}
    axes.plot(x, curve.y, **style.line(look), **points)


def scaled(
    axes: Axes, which: Literal["x", "y"], values: npt.NDArray[np.float64], *, log: bool | None
) -> None:
    """Scale, limits and ticks for these values; logarithmic if `log`, or as they need if None.

    Some values (NaN is none) must be given; for a logarithmic axis above 0.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if log or (log is None and low > 0 and high / low >= style.LOG_FROM):
        margin = max((high / low) ** MARGIN, (LEAST_SPAN * low / high) ** 0.5)
        axes.set(**{f"{which}scale": "log", f"{which}lim": (low / margin, high * margin)})
        axis = axes.xaxis if which == "x" else axes.yaxis
        style.log_ticks(axis, all_labelled=high / low <= LABELLED_SPAN)
    elif which == "x":
        axes.set_xlim(low - MARGIN * (high - low), high + MARGIN * (high - low))
    else:
        axes.set_ylim(0, high * (1 + 2 * MARGIN))


def label_rows(
    at_pt: Sequence[float], texts: Sequence[str], title: str, width_pt: float
) -> list[tuple[int, str]]:
    """Row and side of each label above a panel, so that none meets another, the title or an edge.

    at_pt: ascending, points from the panel's left edge. The title stands at the left of row 0.
    """
    ends = [LABEL_PT_WIDE * (len(title) + 1)] if title else []
    placed = []
    for at, text in zip(at_pt, texts, strict=True):
        wide = LABEL_PT_WIDE * len(text)
        side = "left" if at < wide / 2 else "right" if at > width_pt - wide / 2 else "center"
        start = at - {"left": 0.0, "center": wide / 2, "right": wide}[side]
        row = next((i for i, end in enumerate(ends) if end < start), len(ends))
        ends[row : row + 1] = [start + wide + LABEL_PT_WIDE]
        placed.append((row, side))
    return placed


def legend_deadline(rows: pd.DataFrame) -> list[Line2D]:
    """The entry for the deadline, where it lies among the values."""
    at_ms = _deadline_of(rows)
    if at_ms is None or not rows["mean_ms"].min() < at_ms < rows["mean_ms"].max():
        return []
    return [Line2D([], [], label=f"deadline {milliseconds(at_ms)}", **style.DEADLINE_LINE)]


def _deadline_of(rows: pd.DataFrame) -> float | None:
    """The deadline in ms that all points have in common."""
    deadlines = rows["deadline_ms"].unique()
    return float(deadlines[0]) if len(deadlines) == 1 else None
