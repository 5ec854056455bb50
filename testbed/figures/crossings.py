"""Where the deployments of a sweep change places over the link's rate, as a table."""

from typing import Any

import pandas as pd

from testbed.figures.axis import Axis
from testbed.figures.sweep_points import axis_with, curves, of_one_source, panels_over
from testbed.results.crossover import Crossover, Curve, changes_the_smallest, crossovers
from testbed.results.sweep_table import Sweep

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
)
"""rate_bps: where both deployments' mean latency is `latency_ms`; below it `faster_below` is the
faster. rate_low_bps, rate_high_bps: 95 % interval; missing where it has no end within the sweep.
fastest: whether no other deployment is faster there, so that the best one changes. point_*: the
points of the sweep on either side, between which the rate was interpolated."""


def rate_axis(sweep: Sweep) -> Axis:
    """The axis that varies the link's rate. Raises CannotDraw when there is none."""
    return axis_with(sweep, "rate", "link.uplink.rate")


def crossings_of(sweep: Sweep) -> pd.DataFrame:
    """All crossovers over the rate: a row each, COLUMNS after one for each further axis.

    Ascending by rate within each value of the further axes. Raises CannotDraw for a sweep without a
    rate, with points of several backends, or with more further values than a figure has panels.
    """
    x = rate_axis(sweep)
    panels = panels_over(sweep, x, of_one_source(sweep))
    rows = []
    for panel in panels:
        drawn = curves(panel.rows, x)
        rows += [{**panel.values, **_row(one, drawn)} for one in crossovers(drawn)]
    return pd.DataFrame(rows, columns=[*panels[0].values, *COLUMNS])


def _row(one: Crossover, drawn: list[Curve]) -> dict[str, Any]:
    values = (
        one.below,
        one.above,
        one.at,
        one.low,
        one.high,
        one.y,
        changes_the_smallest(one, drawn),
        *one.neighbours,
    )
    return dict(zip(COLUMNS, values, strict=True))
