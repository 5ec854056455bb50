"""The parts of a panel of curves: a curve with its interval, ticks in round numbers, labels."""

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis as TickAxis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from testbed.figures import style
from testbed.figures.axis import Axis
from testbed.figures.sweep_points import Panel
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve
from testbed.results.wording import milliseconds, percent

FRAME_IN = 0.85
LEGEND_COLUMNS = 2
LOG_FROM = 8.0  # largest over smallest from which a linear axis would flatten the small
FEW_POINTS = 25  # each of so many is marked on its curve
LEAST_SPAN = 2.6  # end over start of a logarithmic axis: holds 1, 2 or 5
LABELLED_SPAN = 1500  # largest over smallest up to which 2 and 5 have their labels too
MARGIN = 0.04  # of the axis's length, on either side
BAND_ALPHA = 0.22
LABEL_ROW_PT = 8.5
LABEL_PT_WIDE = 4.2  # an average character at 7 pt

DEADLINE: dict[str, Any] = {
    "color": style.DEADLINE,
    "linewidth": 0.9,
    "linestyle": (0, (4, 2)),
    "zorder": 1,
}

Values = npt.NDArray[np.float64]
Look = tuple[str, str | tuple[float, ...]]


def draw_panels(
    panels: Sequence[Panel],
    x: Axis,
    rows: pd.DataFrame,
    draw: Callable[[Axes, Panel], None],
    *,
    log: bool | None,
    keys: Sequence[Line2D],
    said: Sequence[str],
    panel_in: float,
) -> Figure:
    """Panels of mean latency over `x`, one below the other, all with the limits of all `rows`.

    draw: puts what is known into a panel. log: as in `scaled`, both ways. keys: of the legend.
    said: the caption. panel_in: height of one.
    """
    legend_in = style.LEGEND_ROW_IN * ceil(len(keys) / LEGEND_COLUMNS)
    drawn = style.figure(FRAME_IN + legend_in + panel_in * len(panels))
    all_axes = drawn.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(all_axes, panels, strict=True):
        scaled(axes, "x", rows[x.column].to_numpy(float) / x.scale, log=log)
        scaled(axes, "y", _latencies(rows), log=log)
        draw(axes, panel)
        _draw_deadline(axes, deadline_of(panel.rows))
        above(axes, panel.title, 0, 0, "left", as_share=True)
        axes.set_ylabel("mean latency (ms)")
        axes.grid()
    all_axes[-1].set_xlabel(x.label)
    style.legend(drawn, keys, LEGEND_COLUMNS, handlelength=2.8)
    style.small_print(drawn, said)
    return drawn


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Colour and dashes of each deployment, by its place."""
    return {name: style.LINES[i % len(style.LINES)] for i, name in enumerate(names)}


def draw_curve(axes: Axes, curve: Curve, look: Look, scale: float, *, marks: bool = True) -> None:
    """The curve and its 95 % band, broken where it is unknown; x is divided by `scale`.

    marks: show the points too, if they are few.
    """
    colour = look[0]
    x = curve.x / scale
    axes.fill_between(x, curve.low, curve.high, color=colour, alpha=BAND_ALPHA, linewidth=0)
    points = _marks(colour) if marks and curve.x.size <= FEW_POINTS else {}
    axes.plot(x, curve.y, **line(look), **points)


def line(look: Look) -> dict[str, Any]:
    """How such a curve is drawn, in a panel and in the legend."""
    colour, dashes = look
    return {"color": colour, "linestyle": (0, dashes) if dashes else "-", "linewidth": 1.2}


def _marks(colour: str) -> dict[str, Any]:
    return {"marker": "o", "markersize": 2.2, "markerfacecolor": colour, "markeredgewidth": 0}


def untrusted(colour: str) -> dict[str, Any]:
    """How such points are drawn."""
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": 3,
        "markerfacecolor": "white",
        "markeredgecolor": colour,
        "markeredgewidth": 0.7,
    }


def _latencies(rows: pd.DataFrame) -> Values:
    """All that a panel of the rows has to show, intervals included."""
    columns = rows[["mean_ms", "mean_low_ms", "mean_high_ms"]]
    return columns.to_numpy(float, na_value=np.nan).ravel()


def scaled(axes: Axes, which: Literal["x", "y"], values: Values, *, log: bool | None) -> None:
    """Scale, limits and ticks for these values; logarithmic if `log`, or as they need if None.

    Some values (NaN is none) must be given; for a logarithmic axis above 0.
    """
    known = values[~np.isnan(values)]
    low, high = float(known.min()), float(known.max())
    axis = axes.xaxis if which == "x" else axes.yaxis
    set_limits = axes.set_xlim if which == "x" else axes.set_ylim
    if log or (log is None and low > 0 and high / low >= LOG_FROM):
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        margin = max((high / low) ** MARGIN, (LEAST_SPAN * low / high) ** 0.5)
        set_limits(low / margin, high * margin)
        _log_ticks(axis, high / low)
    elif which == "x":
        set_limits(low - MARGIN * (high - low), high + MARGIN * (high - low))
    else:
        set_limits(0, high * (1 + 2 * MARGIN))


def _log_ticks(axis: TickAxis, span: float) -> None:
    """Ticks at 1, 2, 5, 10 ..., or fewer where the axis is long; as plain numbers."""
    all_labelled = span <= LABELLED_SPAN
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if all_labelled else (1,), numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator() if all_labelled else LogLocator(subs=(2, 5), numticks=40))
    axis.set_minor_formatter(NullFormatter())


def deadline_of(rows: pd.DataFrame) -> float | None:
    """The deadline in ms that all points have in common."""
    deadlines = rows["deadline_ms"].unique()
    return float(deadlines[0]) if len(deadlines) == 1 else None


def _draw_deadline(axes: Axes, at_ms: float | None) -> None:
    """A line across at the deadline, if it is within the axes."""
    low, high = axes.get_ylim()
    if at_ms is not None and low < at_ms < high:
        axes.axhline(at_ms, **DEADLINE)


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


def above(axes: Axes, text: str, x: float, row: int, side: str, *, as_share: bool = False) -> None:
    """Text above the panel, at x of its data, or at a share of its width."""
    axes.annotate(
        text,
        (x, 1),
        (0, 2 + LABEL_ROW_PT * row),
        xycoords="axes fraction" if as_share else ("data", "axes fraction"),
        textcoords="offset points",
        ha=side,
    )


def legend_line(name: str, look: Look) -> Line2D:
    """The deployment's entry in a legend."""
    return Line2D([], [], label=name, **line(look))


def legend_untrusted() -> Line2D:
    """The entry for points that stand beside their curve."""
    return Line2D([], [], label=f"over {percent(MAX_LOST)} lost", **untrusted(style.MUTED))


def legend_deadline(rows: pd.DataFrame) -> list[Line2D]:
    """The entry for the deadline, where it lies among the values."""
    at_ms = deadline_of(rows)
    if at_ms is None or not rows["mean_ms"].min() < at_ms < rows["mean_ms"].max():
        return []
    return [Line2D([], [], label=f"deadline {milliseconds(at_ms)}", **DEADLINE)]
