"""What every figure of a sweep takes from its table: points of one source, panels, curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from testbed.figures.axis import Axis, CannotDraw, Sweep, axes_of, done
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve, Points
from testbed.results.wording import milliseconds, percent, rate

MAX_PANELS = 4


class Measure(NamedTuple):
    """What curves are of: columns of the mean and the ends of its interval, and words for them.

    says: what the bands are.
    """

    mean: str
    low: str
    high: str
    label: str
    says: str


LATENCY = Measure(
    "mean_ms",
    "mean_low_ms",
    "mean_high_ms",
    "mean latency (ms)",
    "Bands: 95 % interval of the mean.",
)
ENERGY = Measure(
    "edge_energy_j",
    "edge_energy_low_j",
    "edge_energy_high_j",
    "energy at the edge (J)",
    "Mean of all requests, above idle. Bands: what the model's figures allow.",
)


@dataclass(frozen=True)
class Panel:
    """The rows at one value of each axis that the figure does not show, and these in words."""

    title: str
    values: dict[str, Any]
    rows: pd.DataFrame


def sources(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Each backend and clock the rows come from."""
    return sorted({(str(b), str(c)) for b, c in zip(rows["backend"], rows["clock"], strict=True)})


def source_in_words(found: Sequence[tuple[str, str]]) -> str:
    """For captions: tun link, wall clock."""
    if len(found) == 1:
        return f"{found[0][0]} link, {found[0][1]} clock"
    return " and ".join(f"{backend} link ({clock} clock)" for backend, clock in found)


def of_one_source(sweep: Sweep) -> pd.DataFrame:
    """The rows of points that did not fail. Raises CannotDraw: none, or of several backends."""
    rows = done(sweep.table)
    found = sources(rows)
    if len(found) > 1:
        raise CannotDraw(f"found {source_in_words(found)}, needed: one backend and clock")
    return rows


def panels_over(sweep: Sweep, x: Axis, rows: pd.DataFrame) -> list[Panel]:
    """The rows parted by the values of the axes other than `x`. Raises CannotDraw: too many."""
    others = [axis for axis in axes_of(sweep) if axis.keys != x.keys]
    if not others:
        return [Panel("", {}, rows)]
    found = []
    for values, part in rows.groupby([axis.column for axis in others], dropna=False):
        at = list(zip(others, values, strict=True))
        title = ", ".join(f"{axis.name} {axis.say(value)}" for axis, value in at)
        found.append(Panel(title, {axis.column: value for axis, value in at}, part))
    if len(found) > MAX_PANELS:
        words = " and ".join(axis.name for axis in others)
        raise CannotDraw(
            f"found {len(found)} values of {words}, needed: at most {MAX_PANELS}, one a panel"
        )
    return found


def curves(rows: pd.DataFrame, x: Axis, of: Measure = LATENCY) -> list[Curve]:
    """The mean over `x`, a curve a deployment, all on the same `x`.

    Unknown (NaN) where a deployment lost more than MAX_LOST. Raises CannotDraw when a deployment
    has two means at one `x`.
    """
    known = rows[rows[x.column].notna()]
    if known.duplicated(["deployment", x.column]).any():
        raise CannotDraw(f"found several points at one {x.name}, needed: one a deployment")
    at = np.unique(known[x.column].to_numpy(float))
    trusted = known[~lossy(known)]
    found = []
    for name in names(rows):
        own = trusted[trusted["deployment"] == name].set_index(x.column).reindex(at)
        found.append(Curve(name, at, *means(own, of)))
    return found


def other_devices(rows: pd.DataFrame, x: Axis) -> list[list[Curve]]:
    """The curves as they would be with each half's device as slow or as fast as it may be.

    Computing takes the more or less, and all else what it took: true where requests do not queue.
    None where nothing is known of a device, or the table is older than what is known.
    """
    halves = {"edge": ("head", "encode"), "server": ("decode", "tail")}
    ranges = []
    for half, stages in halves.items():
        ends = [f"{half}_compute_{end}" for end in ("low", "high")]
        if not set(ends) <= set(rows.columns) or rows[ends].isna().any(axis=None):
            continue
        computing_ms = rows[[f"stage_{stage}_ms" for stage in stages]].astype(float).sum(axis=1)
        ranges.append([(rows[end].astype(float) - 1) * computing_ms for end in ends])
    latencies = LATENCY[:3]
    return [
        curves(rows.assign(**{name: rows[name] + sum(more_ms) for name in latencies}), x)
        for more_ms in product(*ranges)
        if more_ms
    ]


def means(rows: pd.DataFrame, of: Measure = LATENCY) -> tuple[Points, Points, Points]:
    """The means, and both ends of their intervals; NaN is unknown."""
    mean, low, high = rows[list(of[:3])].to_numpy(float, na_value=nan).T
    return mean, low, high


def names(rows: pd.DataFrame) -> list[str]:
    """The deployments in their order."""
    return rows["deployment"].astype(str).unique().tolist()


def lossy(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether each row lost more of its requests than MAX_LOST."""
    return rows["lost"].astype(float) / rows["requests"].astype(float) > MAX_LOST


def caption_lines(sweep: Sweep, rows: pd.DataFrame) -> list[str]:
    """What was the same at all points of the link; then backend, clock, points and requests."""
    failed = sweep.table.loc[sweep.table["failed"].notna(), "point"].nunique()
    each = rows["requests"].astype(int)
    requests = f"{each.min()}" if each.nunique() == 1 else f"{each.min()} to {each.max()}"
    return [
        ", ".join([f"{sweep.name}: {rows['scenario'].iloc[0]}", *_link(sweep, rows)]),
        source_in_words(sources(rows))
        + f"; {rows['point'].nunique()} points"
        + (f" and {failed} that failed" if failed else "")
        + f", {requests} requests per deployment",
    ]


def _link(sweep: Sweep, rows: pd.DataFrame) -> list[str]:
    """What is known of the link beside the axes: one value for all points, or its range."""
    axes = {axis.column for axis in axes_of(sweep)}
    said = []
    for column, say, after in (
        ("uplink_rate_bps", rate, "up"),
        ("downlink_rate_bps", rate, "down"),
        ("rtt_ms", milliseconds, "RTT"),
        ("uplink_loss", percent, "loss"),
    ):
        if column in axes or rows[column].isna().any():
            continue
        low, high = rows[column].min(), rows[column].max()
        said.append(f"{say(low)} {after}" if low == high else f"{say(low)} to {say(high)} {after}")
    return said
