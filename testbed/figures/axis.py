"""An axis of a sweep as people read it: which column, in which unit, under which name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from pandas.api.types import is_numeric_dtype

from testbed.results.wording import milliseconds, percent, rate

Quantity = Literal["rate", "rtt", "loss", "other"]

_LANES = {
    f"link.{lane}.{key}": quantity
    for lane in ("uplink", "downlink")
    for key, quantity in (("rate", "rate"), ("delay", "rtt"), ("loss", "loss"))
}
_SECONDS = ("jitter", "deadline", "timeout", "queue")
_HERTZ = ("periodic",)


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
    found = {_quantity(key) for key in keys}
    if "rate" in found:
        return _rate(keys, table)
    if "rtt" in found:
        return Axis(keys, "rtt", "rtt_ms", "RTT", "ms", 1, milliseconds)
    if "loss" in found:
        lane = _lane(keys, "loss")
        return Axis(keys, "loss", f"{lane}_loss", f"{lane} loss", "%", 0.01, percent)
    key = keys[0]
    leaf = key.rpartition(".")[2]
    if not is_numeric_dtype(table[key]):
        return Axis(keys, "other", key, key, "", 1, str, is_text=True)
    if leaf in _SECONDS:
        return Axis(keys, "other", key, key, "ms", 1e-3, lambda s: milliseconds(s * 1e3))
    if leaf in _HERTZ:
        return Axis(keys, "other", key, key, "Hz", 1, lambda hz: f"{hz:g} Hz")
    return Axis(keys, "other", key, key, "", 1, lambda value: f"{value:g}")


def _rate(keys: tuple[str, ...], table: pd.DataFrame) -> Axis:
    lane = _lane(keys, "rate")
    both = table["uplink_rate_bps"].equals(table["downlink_rate_bps"])
    name = "rate, both ways" if both else f"{lane} rate"
    return Axis(keys, "rate", f"{lane}_rate_bps", name, "Mbit/s", 1e6, rate)


def _lane(keys: tuple[str, ...], quantity: Quantity) -> str:
    """The uplink, over which the images go, unless only the downlink varies."""
    lanes = [key.split(".")[1] for key in keys if _quantity(key) == quantity]
    return "uplink" if "uplink" in lanes else "downlink"


def _quantity(key: str) -> Quantity:
    """link.uplink.loss.p is of the loss too."""
    for known, quantity in _LANES.items():
        if key == known or key.startswith(f"{known}."):
            return quantity  # type: ignore[return-value]
    return "other"
