"""What a sweep is asked to do: a base scenario and what to vary in it; frozen, typed.

    name: rtt-by-bandwidth
    base: ../lte.yaml                    # relative to this file, as all paths in it
    clock: virtual                       # virtual, wall, or both (measurement over prediction)
    set: {workload.requests: 100}        # dotted keys, for all points
    repeats: 1
    axes:                                # axes cross each other: a grid
      - link.uplink.rate: {log: [1mbit, 100mbit], points: 20}
        link.downlink.rate: {log: [3mbit, 300mbit], points: 20}   # one axis: both move together
      - link.uplink.delay: [1ms, 10ms, 50ms]
        link.downlink.delay: [1ms, 10ms, 50ms]

What lies between a range's ends is rounded to six significant digits: it reads well, and is the
same on every machine. `expand.py` turns the file into points.
"""

from collections import Counter
from collections.abc import Callable, Sequence, Sized
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    PositiveInt,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from emulation import units
from emulation.errors import SpecError
from emulation.link import BackendName
from testbed.config.complaint import first_line
from testbed.config.quantity import read_rate
from testbed.config.scenario import NAME_PATTERN
from testbed.config.scenario_file import read_text
from testbed.config.section import Section
from testbed.config.yaml_text import parse_yaml
from testbed.errors import BadInput

Clock = Literal["virtual", "wall"]

DIGITS = 6
MAX_POINTS = 100_000
"""Of a range and of a whole sweep."""

_QUANTITIES: tuple[tuple[Callable[[str], float], Callable[[float], str]], ...] = (
    (read_rate, units.format_rate),
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

    model_config = ConfigDict(allow_inf_nan=True)  # what is wrong with such ends is said below

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
        if not low < high < inf or (self.log is not None and low <= 0):
            above = " and above 0" if self.log is not None else ""
            raise ValueError(f"found {_shown(ends)}, allowed: {_ALLOWED}{above}")
        spaced = np.linspace if self.log is None else np.geomspace
        between = [
            float(f"{value:.{DIGITS - 1}e}") for value in spaced(low, high, self.points)[1:-1]
        ]
        shown = [show(value) for value in (low, *between, high)]
        if len(set(shown)) < len(shown):
            raise ValueError(
                f"points: found {self.points} between {ends[0]} and {ends[1]}, allowed: as many "
                f"as differ in {DIGITS} digits"
            )
        return shown


def _values_kind(value: object) -> str:
    return "<range>" if isinstance(value, dict | Range) else "<list>"


def _not_empty(what: str) -> AfterValidator:
    """pydantic's own check words it for programmers."""

    def check(found: Sized) -> Sized:
        if not len(found):
            raise ValueError(f"found none, allowed: {what}")
        return found

    return AfterValidator(check)


Values = Annotated[
    Annotated[list[Any], _not_empty("at least one value, or a range"), Tag("<list>")]
    | Annotated[Range, Tag("<range>")],
    Discriminator(_values_kind),
]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$")]
Axis = Annotated[dict[Key, Values], _not_empty("at least one key, such as link.uplink.rate")]


class SweepFile(Section):
    """`axes` cross each other; the keys of one axis move together and have equally many values.

    repeats: replaces the base scenario's. backend: of the points on the wall clock; virtual
    time has its own.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    description: str = ""
    base: Path
    clock: Literal["virtual", "wall", "both"] = "virtual"
    backend: BackendName = "auto"
    settings: Annotated[dict[Key, Any], Field(alias="set", default_factory=dict)]
    repeats: PositiveInt | None = None
    axes: Annotated[tuple[Axis, ...], _not_empty("at least one axis")]

    @field_validator("axes")
    @classmethod
    def _moves_together(cls, axes: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        for axis in axes:
            lengths = {key: len(values_of(values)) for key, values in axis.items()}
            if len(set(lengths.values())) > 1:
                found = ", ".join(f"{key} with {length}" for key, length in lengths.items())
                raise ValueError(f"found {found}, allowed: equally many values along one axis")
        return axes

    @model_validator(mode="after")
    def _each_key_once(self) -> Self:
        keys = [*self.settings, *(key for axis in self.axes for key in axis)]
        keys += [] if self.repeats is None else ["repeats"]
        twice = [key for key, count in Counter(keys).items() if count > 1]
        if twice:
            raise ValueError(f"found {twice[0]} twice, allowed: each key in one place")
        return self

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The clocks each point runs on."""
        return ("virtual", "wall") if self.clock == "both" else (self.clock,)


def values_of(values: list[Any] | Range) -> list[Any]:
    """The values themselves."""
    return values.values() if isinstance(values, Range) else values


def load_sweep_file(path: Path) -> tuple[SweepFile, str]:
    """The sweep in `path` and its text. Raises BadInput with one line."""
    text = read_text(path, "a sweep such as scenarios/sweeps/bandwidth.yaml")
    return parse_sweep_file(text, str(path)), text


def parse_sweep_file(text: str, source: str) -> SweepFile:
    """As `load_sweep_file`, from text; `source` names it in errors."""
    tree = parse_yaml(text, source, "a mapping of a sweep's keys")
    try:
        return SweepFile.model_validate(tree)
    except ValidationError as error:
        raise BadInput(f"{source}: {first_line(error, 'sweep')}") from None


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


def _shown(ends: Sequence[Any]) -> str:
    return f"[{', '.join(map(str, ends))}]"
