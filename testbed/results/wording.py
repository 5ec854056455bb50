"""Numbers as people read them, in tables and figures: three digits and a unit that suits.

None is an unknown number and reads as a dash. Scenario files use tc's units instead, see
`emulation.units`.
"""

UNKNOWN = "\N{EN DASH}"


def milliseconds(value: float | None) -> str:
    """4.21 ms, 183 ms; from a second on 2.5 s."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 999.5:
        return f"{_short(value / 1e3)} s"
    return f"{_short(value)} ms"


def joules(value: float | None) -> str:
    """89.1 mJ; from a joule on 4.88 J."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 0.9995:
        return f"{_short(value)} J"
    return f"{_short(value * 1e3)} mJ"


def rate(bits_per_s: float | None) -> str:
    """12 Mbit/s, 64 kbit/s."""
    return UNKNOWN if bits_per_s is None else _scaled(bits_per_s, "bit/s")


def size(byte_count: float | None) -> str:
    """7.9 kB, 1.56 MB (thousands, as rates are)."""
    return UNKNOWN if byte_count is None else _scaled(byte_count, "B")


def percent(share: float | None) -> str:
    """0.1 %, 97 %."""
    return UNKNOWN if share is None else f"{_short(share * 100)} %"


def digits(value: float | None) -> str:
    """Three digits, zeros kept so that a column lines up: 4.20, 42.0, 420, 4213."""
    return UNKNOWN if value is None else _short(value, "#.3g")


def _short(value: float, small: str = ".3g") -> str:
    return format(value, ".0f" if abs(value) >= 99.95 else small)


def _scaled(value: float, unit: str) -> str:
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor * 0.9995:
            return f"{_short(value / factor)} {prefix}{unit}"
    return f"{value:.0f} {unit}"
