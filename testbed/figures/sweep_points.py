"""What every figure of a sweep takes from its table: points of one source, panels, curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from testbed.figures.axis import Axis, Quantity, axis_of
from testbed.figures.cannot_draw import CannotDraw
from testbed.results.comparison import MAX_LOST
from testbed.results.crossover import Curve
from testbed.results.sweep_table import Sweep
from testbed.results.wording import milliseconds, percent, rate

MAX_PANELS = 4


@dataclass(frozen=True)
class Panel:
    """The rows at one value of each axis that the figure does not show, and these in words."""

    title: str
    values: dict[str, Any]
    rows: pd.DataFrame


def axes_of(sweep: Sweep) -> list[Axis]:
    """The sweep's axes that have more than one value."""
    table = done(sweep.table)
    axes = [axis_of(keys, table) for keys in sweep.axes]
    return [axis for axis in axes if table[axis.column].nunique(dropna=True) > 1]


def axis_with(sweep: Sweep, quantity: Quantity, key: str) -> Axis:
    """The axis that varies `quantity`. Raises CannotDraw; `key`: an example of what was needed."""
    axes = axes_of(sweep)
    for axis in axes:
        if axis.quantity == quantity:
            return axis
    raise CannotDraw(f"found {_axes_in_words(axes)}, needed: one that varies {key}")


def done(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of points that did not fail. Raises CannotDraw if none has a latency."""
    rows = table[table["failed"].isna()]
    if rows.empty:
        raise CannotDraw("found no point that was done, needed: one")
    if rows["mean_ms"].isna().all():
        raise CannotDraw("found no request that was answered, needed: one")
    return rows


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
        at: dict[Axis, Any] = dict(zip(others, values, strict=True))
        title = ", ".join(f"{axis.name} {axis.say(value)}" for axis, value in at.items())
        found.append(Panel(title, {axis.column: value for axis, value in at.items()}, part))
    if len(found) > MAX_PANELS:
        words = " and ".join(axis.name for axis in others)
        raise CannotDraw(
            f"found {len(found)} values of {words}, needed: at most {MAX_PANELS}, one a panel"
        )
    return found


def curves(rows: pd.DataFrame, x: Axis) -> list[Curve]:
    """Mean latency in ms over `x`, a curve a deployment, all on the same `x`.

    Unknown (NaN) where a deployment lost more than MAX_LOST. Raises CannotDraw when a deployment
    has two means at one `x`.
    """
    known = rows[rows[x.column].notna()]
    if known.duplicated(["deployment", x.column]).any():
        raise CannotDraw(f"found several points at one {x.name}, needed: one a deployment")
    at = np.unique(known[x.column].to_numpy(float))
    trusted = known[lost_share(known) <= MAX_LOST]
    found = []
    for name in names(rows):
        own = trusted[trusted["deployment"] == name].set_index(x.column).reindex(at)
        mean, low, high = (
            own[column].to_numpy(float, na_value=nan)
            for column in ("mean_ms", "mean_low_ms", "mean_high_ms")
        )
        found.append(Curve(name, at, mean, low, high))
    return found


def names(rows: pd.DataFrame) -> list[str]:
    """The deployments in their order."""
    return list(dict.fromkeys(rows["deployment"].astype(str)))


def lost_share(rows: pd.DataFrame) -> "pd.Series[float]":
    """Of each row's requests, the share that was lost."""
    return rows["lost"].astype(float) / rows["requests"].astype(float)


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


def _axes_in_words(axes: list[Axis]) -> str:
    """axes link.uplink.rate and edge.slowdown; or that there is none."""
    words = " and ".join(axis.keys[0] for axis in axes)
    return f"ax{'i' if len(axes) == 1 else 'e'}s {words}" if axes else "no axis of several values"
