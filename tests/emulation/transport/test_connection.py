"""How a connection comes about: after a round trip, later where that is lost, or never."""

from math import inf
from typing import Any

import pytest

from emulation.spec import LaneSpec, LinkSpec
from emulation.transport.connection import SYN_BYTES, dial


def link(**lane: Any) -> LinkSpec:
    spec = LaneSpec(delay_s=0.02, **lane)
    return LinkSpec(spec, spec)


def test_a_connection_is_there_after_a_round_trip() -> None:
    connection, established_s = dial(link(rate_bps=1e6), seed=1, now_s=2.0)
    assert established_s == pytest.approx(2.04 + 2 * SYN_BYTES * 8 / 1e6)
    assert connection.up.send(established_s, 1000) == pytest.approx(established_s + 0.0284, 0.01)


def test_a_lost_request_for_a_connection_is_sent_again_after_one_second_and_then_two() -> None:
    found_s = {
        round(dial(link(rate_bps=1e9, loss=0.5), seed, now_s=0.0)[1], 2) for seed in range(100)
    }
    assert (
        {0.04, 1.04, 3.04, 7.04} <= found_s <= {2**tries - 1 + 0.04 for tries in range(7)} | {inf}
    )


def test_a_connection_that_nobody_answers_is_one_that_loses_everything() -> None:
    connection, established_s = dial(link(rate_bps=10e6, loss=1.0), seed=1, now_s=3.0)
    assert established_s == connection.up.send(3.0, 1000) == inf
