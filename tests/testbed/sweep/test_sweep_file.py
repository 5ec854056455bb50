"""Ranges: their values and units, and one line for each that is none."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from testbed.config.quantity import Rate
from testbed.sweep.sweep_file import Range


def values(points: int, **ends: Any) -> list[Any]:
    return Range.model_validate({**ends, "points": points}).values()


def test_log_range_has_equal_ratios_and_both_ends() -> None:
    assert values(4, log=["1mbit", "1gbit"]) == ["1mbit", "10mbit", "100mbit", "1gbit"]
    assert values(3, log=[1, 100]) == [1, 10, 100]


def test_linear_range_has_equal_steps_and_may_begin_at_nothing() -> None:
    assert values(3, linear=["0ms", "5ms"]) == ["0s", "2.5ms", "5ms"]
    assert values(3, linear=[0, "10%"]) == ["0%", "5%", "10%"]


@pytest.mark.parametrize(
    ("low", "high", "middle"),
    [
        ("500kbit", "2mbit", "1mbit"),
        ("100us", "10ms", "1ms"),
        ("0.1%", "10%", "1%"),
        ("1hz", "100hz", "10hz"),
        ("16kb", "1mb", "128kb"),
    ],
)
def test_every_unit_of_a_scenario_has_ranges(low: str, high: str, middle: str) -> None:
    assert values(3, log=[low, high])[1] == middle


def test_values_between_the_ends_are_round_and_the_ends_exact() -> None:
    shown = values(4, log=["1.23456789mbit", "100mbit"])
    assert shown[0] == "1.23456789mbit"
    assert shown[1] == "5.34167mbit"  # 1.23456789 * (100 / 1.23456789) ** (1 / 3) = 5.341673


def test_a_range_of_whole_numbers_stays_one() -> None:
    assert [type(value) for value in values(4, linear=[64, 256])] == [int] * 4
    assert values(3, linear=[0.5, 1.5]) == [0.5, 1, 1.5]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"log": ["2mbit", "1mbit"]}, r"found \[2mbit, 1mbit\], allowed: .*lower one first"),
        ({"log": ["1mbit", "1mbit"]}, "lower one first"),
        ({"log": ["0mbit", "1mbit"]}, "above 0"),
        ({"log": ["1mbit", "10ms"]}, r"found \[1mbit, 10ms\], allowed: two numbers of one unit"),
        ({"log": ["1parsec", "2parsec"]}, "two numbers of one unit"),
        ({"linear": [0, 1], "log": [1, 2]}, "allowed: one of log and linear"),
        ({}, "allowed: one of log and linear"),
        ({"linear": [1_000_000, 1_000_001], "points": 5}, "allowed: as many as differ in 6 digits"),
        ({"log": [1, 2], "points": 1}, "greater than or equal to 2"),
        ({"log": [1, 2, 3]}, "at most 2 items"),
        ({"log": [float("inf"), 2]}, "lower one first"),
        ({"linear": [1, float("inf")]}, "two numbers of one unit"),
        ({"log": [float("nan"), 2]}, "two numbers of one unit"),
    ],
)
def test_what_is_no_range(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Range.model_validate({"points": 3, **given})


def test_its_values_are_read_by_a_scenario() -> None:
    read = TypeAdapter(Rate).validate_python
    rates = [read(value) for value in values(30, log=["0.5mbit", "200mbit"])]
    assert rates == sorted(rates)
    assert (rates[0], rates[-1]) == (0.5e6, 200e6)
