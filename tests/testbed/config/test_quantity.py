"""Rates in bytes a second: read as tc reads them, and said to be such."""

import pytest

from testbed.config import quantity
from testbed.config.link_section import LaneSection
from testbed.sweep.sweep_file import Range


@pytest.fixture(autouse=True)
def _nothing_said_before() -> None:
    quantity._tell_of_bytes.cache_clear()


@pytest.mark.parametrize("rate", ["12Mbps", "200kbps", " 1500000 BPS "])
def test_bytes_a_second_are_said_once(caplog: pytest.LogCaptureFixture, rate: str) -> None:
    for _ in range(2):
        LaneSection.model_validate({"rate": rate})
    (note,) = caplog.messages
    assert "12Mbps is 96mbit" in note


def test_in_a_range_of_a_sweep_too(caplog: pytest.LogCaptureFixture) -> None:
    assert Range.model_validate({"log": ["1Mbps", "9Mbps"], "points": 3}).values()[0] == "8mbit"
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("rate", ["12Mbit", "960kbit", "1.5gbit"])
def test_bits_a_second_are_nothing_to_talk_about(
    caplog: pytest.LogCaptureFixture, rate: str
) -> None:
    LaneSection.model_validate({"rate": rate})
    assert caplog.messages == []
