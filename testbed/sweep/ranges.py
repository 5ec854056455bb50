"""The values of an axis: a list as it is, or a range with units, filled in.

What lies between a range's ends is rounded to six significant digits: it reads well, and is the
same on every machine.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, model_validator

from emulation import units
from emulation.errors import SpecError
from testbed.config.section import Section

DIGITS = 6
MAX_POINTS = 100_000
"""Of a range and of a whole sweep."""

_QUANTITIES: tuple[tuple[Callable[[str], float], Callable[[float], str]], ...] = (
    (units.parse_rate, units.format_rate),
    (units.parse_time, units.format_time),
    (units.parse_fraction, units.format_fraction),
    (units.parse_frequency, units.format_frequency),
    (units.parse_size, lambda size_bytes: units.format_size(round(size_bytes))),
)
_ALLOWED = "two numbers of one unit, the lower one first"

Ends = tuple[str | int | float, str | int | float]


class Range(Section):
    """`{log: [0.5mbit, 200mbit], points: 25}` or `{linear: [0ms, 200ms], points: 11}`.

    Both ends are among the points.
    """

    log: Ends | None = None
    linear: Ends | None = None
    points: Annotated[int, Field(ge=2, le=MAX_POINTS)]

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if (self.log is None) == (self.linear is None):
            raise ValueError("allowed: one of log and linear")
        self.values()
        return self

    def values(self) -> list[Any]:
        """Texts with units, or bare numbers where the ends are bare. Raises ValueError."""
        ends = self.linear if self.log is None else self.log
        assert ends is not None  # noqa: S101
        low, high, show = _read(ends)
        if not low < high or (self.log is not None and low <= 0):
            above = " and above 0" if self.log is not None else ""
            raise ValueError(f"found {_shown(ends)}, allowed: {_ALLOWED}{above}")
        spaced = np.linspace if self.log is None else np.geomspace
        between = [_rounded(value) for value in spaced(low, high, self.points)[1:-1]]
        shown = [show(value) for value in (low, *between, high)]
        if len(set(shown)) < len(shown):
            raise ValueError(
                f"points: found {self.points} between {ends[0]} and {ends[1]}, allowed: as many "
                f"as differ in {DIGITS} digits"
            )
        return shown


def _read(ends: Ends) -> tuple[float, float, Callable[[float], Any]]:
    """Both ends as numbers, and how to write one between them. Raises ValueError."""
    if all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        return float(ends[0]), float(ends[1]), _whole_if_it_is
    for parse, show in _QUANTITIES:
        try:
            # A rate may be bare elsewhere; here a bare 12 beside 12ms would be taken for one.
            low, high = (parse(str(end)) for end in ends if _has_unit(end) or end in (0, "0"))
        except (SpecError, ValueError):
            continue
        return float(low), float(high), show
    raise ValueError(f"found {_shown(ends)}, allowed: {_ALLOWED}, such as [1mbit, 100mbit]")


def _has_unit(end: str | int | float) -> bool:
    return isinstance(end, str) and not end.strip()[-1:].isdigit()


def _whole_if_it_is(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _rounded(value: float) -> float:
    return float(Decimal(f"{value:.{DIGITS - 1}e}"))


def _shown(ends: Sequence[Any]) -> str:
    return f"[{', '.join(map(str, ends))}]"
