"""Slow, long and deaf links: every backend carries them, and the probe finds them as configured."""

from math import isnan

import pytest

from emulation.link import Backend
from emulation.patience import exchange_s
from emulation.probe.expectation import Tolerance, check
from emulation.probe.measure import probe_link
from emulation.spec import LaneSpec, LinkSpec
from emulation.trace import RateTrace
from tests.emulation import at_endpoint

pytestmark = pytest.mark.realtime

NEAR = LaneSpec(rate_bps=10e6, delay_s=0.005)
HOLE = RateTrace("hole", (*range(10, 1001, 10), 4000))


@pytest.mark.patient
@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(
            LinkSpec(LaneSpec(rate_bps=9600, queue_bytes=3000), NEAR), id="9600 bit/s, two packets"
        ),
        pytest.param(
            LinkSpec(LaneSpec(rate_bps=12e6, delay_s=0.025, jitter_s=0.3), NEAR), id="jitter"
        ),
        pytest.param(LinkSpec(LaneSpec(delay_s=3.0), NEAR), id="3 s"),
    ],
)
def test_an_odd_link_is_measured_as_configured(backend: Backend, spec: LinkSpec) -> None:
    _require(backend, spec)
    with backend.open(spec, seed=1) as link:
        achieved = probe_link(link, spec)
    assert check(achieved, spec, Tolerance()) == []
    assert achieved.pings_answered == achieved.pings_sent
    assert not achieved.uplink.rate_untold


@pytest.mark.patient
def test_a_lost_packet_on_a_trace_with_a_hole_is_missed_in_time(backend: Backend) -> None:
    spec = LinkSpec(LaneSpec(trace=HOLE, loss=0.05), NEAR)
    _require(backend, spec)
    with backend.open(spec, seed=1) as link:
        achieved = probe_link(link, spec)
    assert check(achieved, spec, Tolerance()) == []
    assert achieved.pings_answered < achieved.pings_sent


@pytest.mark.parametrize("deaf", ["uplink", "downlink"])
def test_a_link_that_is_deaf_one_way_is_found_to_be(backend: Backend, deaf: str) -> None:
    lossy = LaneSpec(rate_bps=10e6, loss=1.0)
    spec = LinkSpec(lossy, NEAR) if deaf == "uplink" else LinkSpec(NEAR, lossy)
    with backend.open(spec, seed=1) as link:
        achieved = probe_link(link, spec)
    assert check(achieved, spec, Tolerance()) == []
    assert isnan(achieved.rtt_p50_s)
    assert getattr(achieved, deaf).loss == 1.0
    assert check(achieved, LinkSpec(NEAR, NEAR), Tolerance()) != []


@pytest.mark.patient
def test_a_connection_over_a_long_link_is_made_and_answered_in_the_time_it_is_given(
    backend: Backend,
) -> None:
    spec = LinkSpec(LaneSpec(delay_s=1.3), LaneSpec(delay_s=1.3))
    with backend.open(spec, seed=1) as link:
        carried = at_endpoint.transfer(link, size_bytes=20_000)
    assert carried["bytes"] == 20_000
    assert carried["time_s"] < exchange_s(spec, 20_000, 100, turns=2)


def _require(backend: Backend, spec: LinkSpec) -> None:
    if (why := backend.cannot(spec)) is not None:
        pytest.skip(why)
