"""Numbers as people write them in a scenario (`12mbit`, `25ms`, `0.1%`), held as SI floats.

Each type parses tc's units, shows them again when the scenario is written out, and tells editors
its pattern through the JSON Schema.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from emulation import units
from emulation.errors import SpecError

MOST_S = 1e6
"""Twelve days. Clocks and timers of operating systems cannot hold any number."""


def _reader(parse: Callable[[str], Any], example: str) -> BeforeValidator:
    """A validator that parses text and words the error for one line; only 0 needs no unit."""

    def read(value: object) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"allowed: a number with its unit, such as {example}")
        if _is_bare(value):
            raise ValueError(f"found '{value}', allowed: a number with its unit, such as {example}")
        try:
            return parse(str(value))
        except SpecError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(read)


def _is_bare(value: str | int | float) -> bool:
    """Whether it is a number but not 0, in quotation marks or without."""
    try:
        return float(value) != 0
    except ValueError:
        return False


def _unit(
    parse: Callable[[str], float], show: Callable[[float], str], example: str, what: str
) -> tuple[Any, ...]:
    """How a number with such a unit is read, written and described."""
    schema = {"type": ["string", "number"], "description": what, "examples": [example]}
    return _reader(parse, example), PlainSerializer(show), WithJsonSchema(schema)


def read_rate(text: str) -> float:
    """Bits per second, as tc reads them; who writes Mbps may mean other ones, and is told once.

    Raises SpecError.
    """
    rate_bps = units.parse_rate(text)
    if text.strip().lower().endswith("bps"):
        _tell_of_bytes()
    return rate_bps


@cache
def _tell_of_bytes() -> None:
    logging.getLogger(__name__).warning(
        "note: bps are bytes a second, as tc has it: 12Mbps is 96mbit; bits are bit, kbit, mbit "
        "and gbit"
    )


def _read_time(text: str) -> float:
    time_s = units.parse_time(text)
    if time_s > MOST_S:
        raise SpecError(f"found {text!r}, allowed: a time up to {units.format_time(MOST_S)}")
    return time_s


def _read_frequency(text: str) -> float:
    frequency_hz = units.parse_frequency(text)
    if frequency_hz * MOST_S < 1:
        least = units.format_frequency(1 / MOST_S)
        raise SpecError(f"found {text!r}, allowed: a frequency from {least} on")
    return frequency_hz


_RATE = _unit(read_rate, units.format_rate, "12mbit", "bits per second, tc units")
_TIME = _unit(_read_time, units.format_time, "25ms", "a time, tc units")
_SHARE = _unit(units.parse_fraction, units.format_fraction, "0.1%", "a share, in per cent")
_FREQUENCY = _unit(_read_frequency, units.format_frequency, "10hz", "events per second")

Rate = Annotated[float, *_RATE]
Duration = Annotated[float, *_TIME]
Fraction = Annotated[float, *_SHARE]
Frequency = Annotated[float, *_FREQUENCY]
