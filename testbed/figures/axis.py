"""A finished sweep as figures see it, and its axes as people read them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pandas.api.types import is_numeric_dtype

from testbed.errors import BadInput
from testbed.results.wording import milliseconds, percent, rate

Quantity = Literal["rate", "rtt", "loss", "other"]
Unit = tuple[str, float, Callable[[Any], str]]

_OF_LANES: dict[str, Quantity] = {"rate": "rate", "delay": "rtt", "loss": "loss"}
_SECONDS: Unit = ("ms", 1e-3, lambda seconds: milliseconds(seconds * 1e3))
_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("jitter", "deadline", "timeout", "queue"), _SECONDS),
    "periodic": ("Hz", 1, "{:g} Hz".format),
}
"""Of numbers beside the link's quantities, by the last part of their key."""


class CannotDraw(BadInput):
    """What was found lacks what the figure needs; the message is `found X, needed: Y`."""


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep, all done.

    axes: for each axis the dotted keys that move together along it; each is a column of `table`
    (SI units; see `sweep/columns.py`). table: one row a point and deployment, in the sweep's
    order. folder: where it lies.
    """

    name: str
    description: str
    axes: tuple[tuple[str, ...], ...]
    table: pd.DataFrame
    folder: Path


@dataclass(frozen=True)
class Axis:
    """What moves together along one axis of a sweep, shown by its first quantity.

    keys: as in the sweep. column: of the sweep's table. name: without unit. unit: as shown; one of
    it is `scale` in the column (SI but for milliseconds). say: a value of the column in words.
    """

    keys: tuple[str, ...]
    quantity: Quantity
    column: str
    name: str
    unit: str
    scale: float
    say: Callable[[Any], str]
    is_text: bool = False

    @property
    def label(self) -> str:
        """Name and unit, for the figure's axis."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


def axis_of(keys: tuple[str, ...], table: pd.DataFrame) -> Axis:
    """The axis along which `keys` move together."""
    lanes = _lanes(keys)
    if "rate" in lanes:
        both = table["uplink_rate_bps"].equals(table["downlink_rate_bps"])
        name = "rate, both ways" if both else f"{lanes['rate']} rate"
        return Axis(keys, "rate", f"{lanes['rate']}_rate_bps", name, "Mbit/s", 1e6, rate)
    if "rtt" in lanes:
        return Axis(keys, "rtt", "rtt_ms", "RTT", "ms", 1, milliseconds)
    if "loss" in lanes:
        lane = lanes["loss"]
        return Axis(keys, "loss", f"{lane}_loss", f"{lane} loss", "%", 0.01, percent)
    key = keys[0]
    if not is_numeric_dtype(table[key]):
        return Axis(keys, "other", key, key, "", 1, str, is_text=True)
    return Axis(keys, "other", key, key, *_UNITS.get(key.split(".")[-1], ("", 1, "{:g}".format)))


def axes_of(sweep: Sweep) -> list[Axis]:
    """The sweep's axes that have more than one value."""
    table = done(sweep.table)
    axes = [axis_of(keys, table) for keys in sweep.axes]
    return [axis for axis in axes if table[axis.column].nunique(dropna=True) > 1]


def axis_with(sweep: Sweep, quantity: Literal["rate", "loss"]) -> Axis:
    """The axis that varies `quantity` of the link. Raises CannotDraw when there is none."""
    axes = axes_of(sweep)
    for axis in axes:
        if axis.quantity == quantity:
            return axis
    keys = " and ".join(axis.keys[0] for axis in axes)
    found = f"ax{'i' if len(axes) == 1 else 'e'}s {keys}" if axes else "no axis of several values"
    raise CannotDraw(f"found {found}, needed: one that varies link.uplink.{quantity}")


def done(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of points that did not fail. Raises CannotDraw if none has a latency."""
    rows = table[table["failed"].isna()]
    if rows.empty:
        raise CannotDraw("found no point that was done, needed: one")
    if rows["mean_ms"].isna().all():
        raise CannotDraw("found no request that was answered, needed: one")
    return rows


def _lanes(keys: tuple[str, ...]) -> dict[Quantity, str]:
    """Of each quantity of the link its lane: the uplink, unless only the downlink varies."""
    lanes: dict[Quantity, str] = {}
    for key in keys:
        match key.split("."):  # link.uplink.loss.p is of the loss too
            case ["link", "uplink" | "downlink" as lane, what, *_] if what in _OF_LANES:
                quantity = _OF_LANES[what]
                lanes[quantity] = "uplink" if lanes.get(quantity) == "uplink" else lane
    return lanes
