"""The probe on real links of this machine."""

from math import isnan
from time import perf_counter

import pytest

from emulation.errors import LinkFault
from emulation.link import LoopbackLink
from emulation.probe.expectation import Tolerance, check
from emulation.probe.measure import probe_link
from emulation.spec import LaneSpec, LinkSpec
from emulation.trace import RateTrace
from emulation.userspace.link import backend

pytestmark = pytest.mark.realtime

LANE = LaneSpec(rate_bps=10e6, delay_s=0.02)
SPEC = LinkSpec(LANE, LANE)


def test_a_link_that_is_as_configured_passes() -> None:
    with backend.open(SPEC, seed=1) as link:
        began_s = perf_counter()
        achieved = probe_link(link, SPEC)
        assert perf_counter() - began_s < 10  # 3.4 s when nothing else runs
    assert check(achieved, SPEC, Tolerance()) == []
    assert achieved.pings_answered == achieved.pings_sent >= 100
    assert (achieved.uplink.loss, achieved.downlink.loss) == (0.0, 0.0)


def test_another_link_than_configured_is_found_out_and_nothing_else() -> None:
    """Slower and farther one way, lossy the other."""
    other = LinkSpec(
        LaneSpec(rate_bps=8e6, delay_s=0.03), LaneSpec(rate_bps=10e6, delay_s=0.02, loss=0.03)
    )
    with backend.open(other, seed=1) as link:
        achieved = probe_link(link, SPEC)
    assert achieved.uplink.rate_bps == pytest.approx(8e6, rel=0.03)
    assert achieved.rtt_p50_s == pytest.approx(0.0501, abs=0.002)
    assert achieved.downlink.loss == pytest.approx(0.03, abs=0.01)
    found = [line.split(":")[0] for line in check(achieved, SPEC, Tolerance())]
    assert found == ["RTT", "uplink rate", "downlink loss"]


def test_a_trace_passes_whatever_part_of_it_the_probe_meets() -> None:
    trace = RateTrace("steps", (*range(1, 501), *range(505, 1001, 5)))
    traced = LinkSpec(LaneSpec(trace=trace, delay_s=0.01), LaneSpec(delay_s=0.01))
    with backend.open(traced, seed=1) as link:
        achieved = probe_link(link, traced)
    assert check(achieved, traced, Tolerance()) == []


def test_the_bare_loopback_is_a_link_too() -> None:
    unlimited = LinkSpec(LaneSpec(), LaneSpec())
    with LoopbackLink() as link:
        achieved = probe_link(link, unlimited)
    assert achieved.uplink.rate_bps is not None
    assert achieved.uplink.rate_bps > 50e6
    assert check(achieved, unlimited, Tolerance()) == []


def test_a_link_that_carries_nothing_is_found_out_and_no_hang() -> None:
    dead = LinkSpec(LaneSpec(loss=1.0), LaneSpec())
    began_s = perf_counter()
    with backend.open(dead, seed=1) as link:
        achieved = probe_link(link, SPEC)
    assert perf_counter() - began_s < 10
    assert isnan(achieved.rtt_p50_s)
    found = check(achieved, SPEC, Tolerance())
    assert found[0] == "RTT: of 140 pings none came back"
    assert found[1].startswith("uplink rate: too little arrived to tell")
    assert found[2].startswith("uplink loss: 100.00% of 3500 packets")
    assert len(found) == 3  # nobody told the other end where to send
    assert achieved.downlink.sent == 0
    assert achieved.downlink.rate_untold.startswith("no ping came")


def test_an_end_that_cannot_run_is_a_fault() -> None:
    link = LoopbackLink()
    link.edge = type(link.edge)("edge", "127.0.0.1", argv_prefix=("false",))
    with pytest.raises(LinkFault, match="probe at the edge: its process has ended"):
        probe_link(link, SPEC)
