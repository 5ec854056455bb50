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

`expand.py` turns it into points.
"""

from collections import Counter
from collections.abc import Sized
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    PositiveInt,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from emulation.link import BackendName
from testbed.config.scenario import NAME_PATTERN
from testbed.config.scenario_file import first_line, parse_yaml, read_text
from testbed.config.section import Section
from testbed.errors import BadInput
from testbed.sweep.ranges import Range

Clock = Literal["virtual", "wall"]


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
