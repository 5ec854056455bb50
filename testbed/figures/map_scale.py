"""Where the values of an axis lie on a map of cells, and which of them have a tick."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator

from testbed.figures.axis import Axis
from testbed.figures.curve_panel import LOG_FROM

FEW = 8
"""So many values each have a tick; more have ticks in round numbers."""


@dataclass(frozen=True)
class Scale:
    """values: of the column, ascending. at: their places. edges: of their cells, one more.

    ticks: places that have one; tick_labels: what it says. label: of the axis, with its unit.
    """

    column: str
    label: str
    values: list[Any]
    at: npt.NDArray[np.float64]
    edges: npt.NDArray[np.float64]
    ticks: list[float]
    tick_labels: list[str]


def scale_of(axis: Axis, rows: pd.DataFrame) -> Scale:
    """Numbers lie at their value or, where they span enough, its logarithm; texts side by side."""
    values = rows[axis.column].dropna().unique().tolist()
    if axis.is_text:
        at = np.arange(len(values), dtype=float)
        return _scale(axis, values, at, at.tolist(), [axis.say(value) for value in values])
    values.sort()
    shown = np.array(values, float) / axis.scale
    log = shown[0] > 0 and shown[-1] / shown[0] >= LOG_FROM
    place = np.log10 if log else np.asarray
    ticks = shown if len(values) <= FEW else _round(shown, log=bool(log))
    return _scale(axis, values, place(shown), place(ticks).tolist(), [f"{t:.3g}" for t in ticks])


def _scale(
    axis: Axis,
    values: list[Any],
    at: npt.NDArray[np.float64],
    ticks: list[float],
    tick_labels: list[str],
) -> Scale:
    """A cell reaches half-way to its neighbours, the outermost as far on their other side."""
    middles = (at[1:] + at[:-1]) / 2
    edges = np.r_[2 * at[0] - middles[0], middles, 2 * at[-1] - middles[-1]]
    return Scale(axis.column, axis.label, values, at, edges, ticks, tick_labels)


def _round(shown: npt.NDArray[np.float64], *, log: bool) -> npt.NDArray[np.float64]:
    low, high = shown[0], shown[-1]
    locator = LogLocator(subs=(1, 2, 5), numticks=20) if log else MaxNLocator(6)
    ticks = np.asarray(locator.tick_values(low, high), float)
    slack = 1e-9 * high
    inside: npt.NDArray[np.float64] = ticks[(ticks >= low - slack) & (ticks <= high + slack)]
    return inside
