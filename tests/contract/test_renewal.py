"""What every backend promises of a link that is renewed: it begins anew, whatever was before."""

from time import perf_counter, time

import pytest

from emulation.link import Backend, Link
from emulation.spec import LaneSpec, LinkSpec, Outage, Weather
from emulation.trace import RateTrace
from tests.contract.test_link_contract import FREE, meter_read
from tests.emulation import at_endpoint

pytestmark = pytest.mark.realtime

PACKETS = 100
PACKET_BYTES = 500
AT_MOST_S = 0.1
EMULATED_AT_MOST_S = 2.0
"""What a renewal may take: milliseconds, but for netem, whose kernel runs on an emulated processor
where these tests run, and which runs four commands."""
STARTED_S = 0.3
"""What starting a program may take."""
LATE = RateTrace("nothing for nine seconds", tuple(range(9000, 10_001)))


def renewed(link: Link, weather: Weather) -> float:
    """Renew it in time; returns when that was, on the clock of the kernel's stamps."""
    began_s = perf_counter()
    link.renew(weather)
    took_s = perf_counter() - began_s
    assert took_s < (EMULATED_AT_MOST_S if link.backend == "netem" else AT_MOST_S)
    return time()


def test_the_same_seed_loses_the_same_packets_and_the_meter_goes_on(backend: Backend) -> None:
    arrived = []
    with backend.open(LinkSpec(LaneSpec(loss=0.2), FREE), seed=1) as link:
        for _ in range(2):
            renewed(link, Weather(seed=5))
            numbers, _ = at_endpoint.blast(link, PACKETS, PACKET_BYTES)
            arrived.append(numbers)
        up, _ = meter_read(link.edge.argv_prefix, link.meter_uri)
        seeded = link.describe().get("seeded", True)
    assert all(60 <= len(numbers) < PACKETS for numbers in arrived)
    assert seeded == (arrived[0] == arrived[1])
    assert up == pytest.approx(2 * PACKETS * PACKET_BYTES, rel=0.02)


def test_what_was_under_way_is_dropped(backend: Backend) -> None:
    """400 packets wait 4.8 s in front of the bottleneck; what comes after them does not."""
    with backend.open(LinkSpec(LaneSpec(rate_bps=1e6, delay_s=0.05), FREE), seed=1) as link:
        sink = at_endpoint.start(link.server, "sink", link.server.address, str(at_endpoint.PORT))
        blast(link, count=400)
        renewed(link, Weather(seed=1))
        blast(link, count=3)
        numbers = at_endpoint.result(sink)["numbers"]
    assert numbers[-3:] == [0, 1, 2]
    assert numbers[:-3] == list(range(len(numbers) - 3))
    assert len(numbers) < 300


def test_connections_end(backend: Backend) -> None:
    """One that would have gone on for a minute: the program that receives comes to a bad end."""
    with backend.open(LinkSpec(LaneSpec(rate_bps=1e6), FREE), seed=1) as link:
        port = str(at_endpoint.PORT)
        receiver = at_endpoint.start(link.server, "receive", link.server.address, port)
        address, front = link.expose(at_endpoint.PORT)
        sender = at_endpoint.start(link.edge, "send", address, str(front), "8000000")
        while meter_read(link.edge.argv_prefix, link.meter_uri)[0] < PACKET_BYTES:
            pass
        renewed(link, Weather(seed=2))
        receiver.communicate(timeout=10)
        sender.communicate(timeout=10)
        assert receiver.returncode != 0


def test_traces_and_outages_count_from_the_renewal(backend: Backend) -> None:
    """The trace would let the packet go after 0.3 s, the outage lasts until 0.6 s."""
    spec = LinkSpec(LaneSpec(trace=LATE, outages=(Outage(0.2, 0.4),)), FREE)
    if (why := backend.cannot(spec)) is not None:
        pytest.skip(why)
    with backend.open(spec, seed=1) as link:
        sink = at_endpoint.start(link.server, "sink", link.server.address, str(at_endpoint.PORT))
        began_s = renewed(link, Weather(1, offset_s=8.7))
        blast(link, count=1)
        (arrived_s,) = at_endpoint.result(sink)["times_s"]
    assert 0.6 - AT_MOST_S <= arrived_s - began_s <= 0.6 + STARTED_S


def blast(link: Link, count: int) -> None:
    """Full packets from the edge end, for whoever receives them."""
    address, port = link.expose(at_endpoint.PORT, "udp")
    at_endpoint.result(
        at_endpoint.start(link.edge, "blast", address, str(port), str(count), "1500")
    )
