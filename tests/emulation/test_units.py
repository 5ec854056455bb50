"""tc's units: the table tc itself would agree with, refusals, and exact round trips."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulation import units
from emulation.errors import SpecError

positive = st.floats(min_value=0, allow_infinity=False, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "rate_bps"),
    [
        ("12mbit", 12e6),
        ("1gbit", 1e9),
        ("1.5Gbit", 1.5e9),
        ("100kbps", 800e3),  # tc: bps is bytes per second
        ("1mibit", 1048576.0),
        ("1kibps", 8192.0),
        ("5000", 5000.0),
        (5000, 5000.0),
        ("1e3kbit", 1e6),
        (" 12 mbit ", 12e6),
    ],
)
def test_rates_mean_what_tc_says(text: str | float, rate_bps: float) -> None:
    assert units.parse_rate(text) == rate_bps


@pytest.mark.parametrize(
    ("text", "time_s"),
    [("25ms", 0.025), ("100us", 1e-4), ("1s", 1.0), ("3msecs", 0.003), ("7ns", 7e-9), (0, 0.0)],
)
def test_times_are_seconds(text: str | float, time_s: float) -> None:
    assert units.parse_time(text) == time_s


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("64kb", 65536), ("1500b", 1500), ("1mb", 1048576), ("8kbit", 1024), ("1.5k", 1536), ("0", 0)],
)
def test_sizes_have_binary_prefixes(text: str, size_bytes: int) -> None:
    assert units.parse_size(text) == size_bytes


@pytest.mark.parametrize(("text", "energy_j"), [("300mj", 0.3), ("1.5J", 1.5), ("7uj", 7e-6)])
def test_energies_are_joules(text: str, energy_j: float) -> None:
    assert units.parse_energy(text) == energy_j


def test_fractions_and_frequencies() -> None:
    assert units.parse_fraction("0.1%") == 0.001
    assert units.parse_fraction("100%") == 1.0
    assert units.parse_fraction(0) == 0.0
    assert units.parse_frequency("10hz") == 10.0
    assert units.parse_frequency("0.5Hz") == 0.5


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (units.parse_time, 25),
        (units.parse_time, "25"),
        (units.parse_time, "-5ms"),
        (units.parse_time, "25mbit"),
        (units.parse_time, True),
        (units.parse_time, float("nan")),
        (units.parse_rate, "fast"),
        (units.parse_rate, "-1mbit"),
        (units.parse_rate, ""),
        (units.parse_rate, "1e400"),
        (units.parse_rate, "1e9999999999gbit"),
        (units.parse_fraction, 0.1),
        (units.parse_fraction, "101%"),
        (units.parse_size, "1.3b"),
        (units.parse_size, 1500),
        (units.parse_frequency, "0hz"),
        (units.parse_frequency, 0),
    ],
)
def test_refusals_say_what_was_found_and_what_is_allowed(
    parse: Callable[[str | float], float], text: str | float
) -> None:
    with pytest.raises(SpecError) as refused:
        parse(text)
    message = str(refused.value)
    assert message.startswith(f"found {text!r}, allowed: ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (units.format_rate(12e6), "12mbit"),
        (units.format_rate(1.5e9), "1.5gbit"),
        (units.format_rate(100.0), "100bit"),
        (units.format_time(0.025), "25ms"),
        (units.format_time(1e-4), "100us"),
        (units.format_time(0.0), "0s"),
        (units.format_fraction(0.001), "0.1%"),
        (units.format_size(65536), "64kb"),
        (units.format_size(1500), "1500b"),
        (units.format_size(0), "0b"),
        (units.format_frequency(10.0), "10hz"),
    ],
)
def test_shown_the_way_people_write_it(text: str, shown: str) -> None:
    assert text == shown


@given(positive)
def test_what_is_shown_reads_back_exactly(value: float) -> None:
    assert units.parse_time(units.format_time(value)) == value
    assert units.parse_rate(units.format_rate(value)) == value


@given(st.floats(min_value=0, max_value=1))
def test_fractions_read_back_exactly(fraction: float) -> None:
    assert units.parse_fraction(units.format_fraction(fraction)) == fraction


@given(st.floats(min_value=1e-9, max_value=1e9))
def test_frequencies_read_back_exactly(frequency_hz: float) -> None:
    assert units.parse_frequency(units.format_frequency(frequency_hz)) == frequency_hz


@given(st.integers(min_value=0, max_value=2**60))
def test_sizes_read_back_exactly(size_bytes: int) -> None:
    assert units.parse_size(units.format_size(size_bytes)) == size_bytes
