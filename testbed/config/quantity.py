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
        if isinstance(value, int | float) and value != 0:
            raise ValueError(f"found '{value}', allowed: a number with its unit, such as {example}")
        try:
            return parse(str(value))
        except SpecError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(read)


def _schema(example: str, what: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": ["string", "number"], "description": what, "examples": [example]}
    )


Rate = Annotated[
    float,
    _reader(units.parse_rate, "12mbit"),
    PlainSerializer(units.format_rate),
    _schema("12mbit", "bits per second, tc units"),
]
Duration = Annotated[
    float,
    _reader(units.parse_time, "25ms"),
    PlainSerializer(units.format_time),
    _schema("25ms", "a time, tc units"),
]
Fraction = Annotated[
    float,
    _reader(units.parse_fraction, "0.1%"),
    PlainSerializer(units.format_fraction),
    _schema("0.1%", "a share, in per cent"),
]
Frequency = Annotated[
    float,
    _reader(units.parse_frequency, "10hz"),
    PlainSerializer(units.format_frequency),
    _schema("10hz", "events per second"),
]
