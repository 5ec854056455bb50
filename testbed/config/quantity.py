"""Numbers as people write them in a scenario (`12mbit`, `25ms`, `0.1%`), held as SI floats.

Each type parses tc's units, shows them again when the scenario is written out, and tells editors
its pattern through the JSON Schema.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from emulation import units
from emulation.errors import SpecError


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


_RATE = _unit(units.parse_rate, units.format_rate, "12mbit", "bits per second, tc units")
_TIME = _unit(units.parse_time, units.format_time, "25ms", "a time, tc units")
_SHARE = _unit(units.parse_fraction, units.format_fraction, "0.1%", "a share, in per cent")
_FREQUENCY = _unit(units.parse_frequency, units.format_frequency, "10hz", "events per second")

Rate = Annotated[float, *_RATE]
Duration = Annotated[float, *_TIME]
Fraction = Annotated[float, *_SHARE]
Frequency = Annotated[float, *_FREQUENCY]
