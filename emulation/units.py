"""tc's units to SI numbers, and back for display.

The words are iproute2's (`lib/utils.c`: get_rate, get_size, get_time; tc(8) PARAMETERS), so what
works on a tc command line works in a scenario: rates in bit/s with decimal prefixes, `bps` being
*bytes* a second; sizes with binary prefixes (64kb = 65536 bytes). Where tc would guess the unit of
a bare number (a time is microseconds there), a unit is asked for instead; only 0 needs none.

Every `parse_*` raises SpecError; every `format_*` gives text that parses back to the same number.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import isfinite

from emulation.errors import SpecError

_PREFIXES = {
    "": Decimal(1),
    "k": Decimal(10**3), "ki": Decimal(2**10),
    "m": Decimal(10**6), "mi": Decimal(2**20),
    "g": Decimal(10**9), "gi": Decimal(2**30),
    "t": Decimal(10**12), "ti": Decimal(2**40),
}  # fmt: skip
_RATES = {
    prefix + unit: scale * bits
    for unit, bits in (("bit", 1), ("bps", 8))
    for prefix, scale in _PREFIXES.items()
}
_TIMES = {
    name: Decimal(scale)
    for scale, names in (
        ("1", ("s", "sec", "secs")),
        ("1e-3", ("ms", "msec", "msecs")),
        ("1e-6", ("us", "usec", "usecs")),
        ("1e-9", ("ns", "nsec", "nsecs")),
    )
    for name in names
}
_SIZES = {
    "b": Decimal(1),
    "k": Decimal(2**10), "kb": Decimal(2**10), "kbit": Decimal(2**7),
    "m": Decimal(2**20), "mb": Decimal(2**20), "mbit": Decimal(2**17),
    "g": Decimal(2**30), "gb": Decimal(2**30), "gbit": Decimal(2**27),
}  # fmt: skip
_ENERGIES = {"j": Decimal(1), "mj": Decimal("1e-3"), "uj": Decimal("1e-6")}
_FREQUENCIES = {"hz": Decimal(1), "khz": Decimal(10**3)}
_FRACTIONS = {"%": Decimal("0.01")}

_QUANTITY = re.compile(
    r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)\s*([a-z%]*)\s*", re.I | re.ASCII
)


def parse_rate(text: str | float) -> float:
    """Bits per second: "12mbit", "1gbit", "100kbps" (kilobytes/s), bare numbers are bit/s."""
    return float(_parse(text, _RATES, "a rate such as 12mbit, 1.5gbit or 500kbit", bare="bit"))


def parse_time(text: str | float) -> float:
    """Seconds: "25ms", "100us", "1s", 0."""
    return float(_parse(text, _TIMES, "a time such as 25ms, 100us or 1s, or 0"))


def parse_fraction(text: str | float) -> float:
    """A fraction of 1: "0.1%" is 0.001; 0."""
    allowed = "a percentage from 0% to 100%, or 0"
    return float(_parse(text, _FRACTIONS, allowed, fits=lambda fraction: fraction <= 1))


def parse_size(text: str | float) -> int:
    """Whole bytes: "64kb" (65536, as tc counts), "1500b", "1mb", 0."""
    allowed = "a size in whole bytes such as 1500b, 64kb or 1mb, or 0"
    return int(_parse(text, _SIZES, allowed, fits=lambda size: size == size.to_integral_value()))


def parse_frequency(text: str | float) -> float:
    """Times per second: "10hz", "0.5hz"; never 0, for nothing could be waited for."""
    allowed = "a frequency above 0 such as 10hz"
    return float(_parse(text, _FREQUENCIES, allowed, fits=lambda hertz: float(hertz) > 0))


def parse_energy(text: str | float) -> float:
    """Joules: "1.5j", "300mj" (thousandths, as in any case here), 0."""
    return float(_parse(text, _ENERGIES, "an energy such as 300mj or 1.5j, or 0"))


def format_rate(rate_bps: float) -> str:
    """In bit, kbit, mbit or gbit: 12000000.0 is "12mbit"."""
    return _format(rate_bps, _RATES, ("bit", "kbit", "mbit", "gbit"))


def format_time(time_s: float) -> str:
    """In s, ms or us: 0.025 is "25ms"."""
    return _format(time_s, _TIMES, ("us", "ms", "s"))


def format_fraction(fraction: float) -> str:
    """A percentage: 0.001 is "0.1%"."""
    return _format(fraction, _FRACTIONS, ("%",))


def format_size(size_bytes: int) -> str:
    """The largest unit that leaves a whole number: 65536 is "64kb", 1500 is "1500b"."""
    for unit in ("gb", "mb", "kb"):
        if size_bytes and size_bytes % int(_SIZES[unit]) == 0:
            return f"{size_bytes // int(_SIZES[unit])}{unit}"
    return f"{size_bytes}b"


def format_frequency(frequency_hz: float) -> str:
    """10.0 is "10hz"."""
    return _format(frequency_hz, _FREQUENCIES, ("hz",))


def _parse(
    text: str | float,
    units: Mapping[str, Decimal],
    allowed: str,
    bare: str | None = None,
    fits: Callable[[Decimal], bool] = lambda _: True,
) -> Decimal:
    """The exact value of `text`; decimal, so that 0.1% is 0.001 and not a neighbour of it."""
    found = _QUANTITY.fullmatch(str(text)) if not isinstance(text, bool) else None
    if found is not None and isfinite(float(found[1])):
        number, unit = Decimal(found[1]), found[2].lower() or bare
        scale = Decimal(1) if unit is None and number == 0 else units.get(unit or "")
        if scale is not None and isfinite(float(number) * float(scale)) and fits(number * scale):
            return number * scale
    raise SpecError(f"found {text!r}, allowed: {allowed}")


def _format(value: float, units: Mapping[str, Decimal], ascending: Sequence[str]) -> str:
    """`value` in the largest unit that leaves 1 or more before the point."""
    exact = Decimal(repr(float(value)))
    fitting = [unit for unit in ascending if exact >= units[unit]]
    unit = fitting[-1] if fitting else ascending[0 if exact else -1]
    return _plain(exact / units[unit]) + unit


def _plain(number: Decimal) -> str:
    """Digits without an exponent while that stays readable."""
    number = number.normalize()
    return f"{number:f}" if -9 <= number.adjusted() <= 15 else str(number).lower()
