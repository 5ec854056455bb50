"""Numbers read as people write them."""

import pytest

from testbed.results import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 ms"),
        (0.412, "0.412 ms"),
        (4.2, "4.2 ms"),
        (99.96, "100 ms"),
        (183.4, "183 ms"),
        (999.4, "999 ms"),
        (999.6, "1 s"),
        (2500, "2.5 s"),
        (123456, "123 s"),
        (-0.05, "-0.05 ms"),
        (None, "–"),  # noqa: RUF001
    ],
)
def test_milliseconds(value: float | None, text: str) -> None:
    assert wording.milliseconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0891, "89.1 mJ"), (0.9996, "1 J"), (4.882, "4.88 J"), (5e-6, "0.005 mJ")]
)
def test_joules(value: float, text: str) -> None:
    assert wording.joules(value) == text
    assert wording.joules(None) == wording.UNKNOWN


def test_sizes_and_rates_share_their_scale() -> None:
    assert wording.size(0) == "0 B"
    assert wording.size(999) == "999 B"
    assert wording.size(999.9) == "1 kB"
    assert wording.size(112_896) == "113 kB"
    assert wording.size(1_555_200) == "1.56 MB"
    assert wording.rate(12e6) == "12 Mbit/s"
    assert wording.rate(2.5e9) == "2.5 Gbit/s"
    assert wording.rate(None) == wording.size(None) == wording.percent(None) == wording.UNKNOWN


def test_a_column_of_digits_lines_up() -> None:
    assert [wording.digits(v) for v in (4.2, 42, 420, 4213.4, None)] == [
        "4.20",
        "42.0",
        "420",
        "4213",
        wording.UNKNOWN,
    ]


def test_percent() -> None:
    assert wording.percent(0.001) == "0.1 %"
    assert wording.percent(1) == "100 %"
