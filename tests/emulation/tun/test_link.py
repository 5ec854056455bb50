"""The tun backend end to end: real sockets, real time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest
from scipy.stats import binom

from emulation.errors import LinkFault
from emulation.host.keeper import NAMES
from emulation.link import Link, load_backend
from emulation.spec import CongestionControl, LaneSpec, LinkSpec
from emulation.tun.device import TX_QUEUE_PACKETS
from emulation.tun.link import backend
from tests.emulation import at_endpoint

WHY_NOT = backend.missing()
pytestmark = [
    pytest.mark.root,
    pytest.mark.realtime,
    pytest.mark.skipif(WHY_NOT is not None, reason=f"no tun link: {WHY_NOT}"),
]

FREE = LaneSpec()
PING_BYTES = 88


def opened(uplink: LaneSpec, downlink: LaneSpec = FREE, seed: int = 1) -> Link:
    return backend.open(LinkSpec(uplink, downlink), seed)


def nothing_dropped_unseen(link: Link) -> bool:
    """Whether only the lanes dropped packets."""
    devices = link.describe()["devices"]
    return all(each["tx_dropped"] == each["tx_errors"] == 0 for each in devices.values())


def test_it_is_registered() -> None:
    assert load_backend("tun") is backend


@pytest.mark.parametrize("rate_bps", [10e6, 100e6])
def test_round_trip_time(rate_bps: float) -> None:
    lane = LaneSpec(rate_bps=rate_bps, delay_s=20e-3)
    with opened(lane, lane) as link:
        times_s = at_endpoint.ping(link, count=150, interval_s=5e-3)
    expected_s = 2 * (20e-3 + PING_BYTES * 8 / rate_bps)
    assert times_s[0] > expected_s - 0.3e-3
    assert median(times_s) - expected_s < 0.5e-3


def test_rate() -> None:
    """The kernel's time stamps at a saturated link; the median, for a host may stall at times."""
    with opened(LaneSpec(rate_bps=20e6)) as link:
        numbers, times_s = at_endpoint.blast(link, count=401, size_bytes=1500)
        assert nothing_dropped_unseen(link)
    assert numbers == list(range(401))
    hundred_s = median(later - one for one, later in zip(times_s, times_s[100:], strict=False))
    assert 100 * 1500 * 8 / hundred_s == pytest.approx(20e6, rel=0.01)


def test_a_tcp_transfer_gets_the_rate() -> None:
    lane = LaneSpec(rate_bps=50e6, delay_s=5e-3)
    with opened(lane, lane) as link:
        carried = at_endpoint.transfer(link, size_bytes=4_000_000)
    assert carried["bytes"] == 4_000_000
    goodput_bps = carried["bytes"] * 8 / carried["time_s"]
    assert 0.85 < goodput_bps / (50e6 * 1448 / 1500) <= 1.01


@pytest.mark.parametrize("name", ["cubic", "reno"])
def test_congestion_control_is_the_specs(name: CongestionControl) -> None:
    with backend.open(LinkSpec(FREE, FREE, name), 1) as link:
        carried = at_endpoint.transfer(link, size_bytes=1000)
    assert carried["sender"] == carried["congestion_control"] == name


@pytest.mark.parametrize("loss", [0.01, 0.03])
def test_loss(loss: float) -> None:
    """The losses are within the 95 % interval, all counted, and nobody's but the lane's."""
    count = TX_QUEUE_PACKETS  # so many fit even if the ferry does not run meanwhile
    with opened(LaneSpec(loss=loss)) as link:
        numbers, _ = at_endpoint.blast(link, count, size_bytes=60)
        assert link.describe()["ferry"]["uplink"]["lost_packets"] == count - len(set(numbers))
        assert nothing_dropped_unseen(link)
    low, high = binom.interval(0.95, count, loss)
    assert low <= count - len(numbers) <= high


def test_the_same_seed_loses_the_same_packets() -> None:
    arrived = []
    for seed in (1, 1, 2):
        with opened(LaneSpec(loss=0.2), seed=seed) as link:
            arrived.append(at_endpoint.blast(link, 1000, size_bytes=60)[0])
    assert arrived[0] == arrived[1] != arrived[2]


def test_a_full_queue_drops_what_comes_last() -> None:
    """30 packets fit; while the rest arrive, in a few ms, hardly one leaves (12 ms each)."""
    with opened(LaneSpec(rate_bps=1e6, queue_bytes=30 * 1500)) as link:
        numbers, _ = at_endpoint.blast(link, count=100, size_bytes=1500)
        counted = link.describe()["ferry"]["uplink"]
        assert nothing_dropped_unseen(link)
    assert numbers[:30] == list(range(30))
    assert 30 <= len(numbers) < 60
    assert counted["overflowed_packets"] == 100 - len(numbers)
    assert counted["lost_packets"] == 0


def test_the_edges_meter_counts_ip_bytes() -> None:
    with opened(FREE) as link:
        assert link.meter_uri == "netdev:edge0,0"
        at_endpoint.blast(link, count=10, size_bytes=500)
        read = "import sys, emulation.meter as m; print(m.open_meter(sys.argv[1]).read())"
        argv = (*link.edge.argv_prefix, sys.executable, "-c", read, link.meter_uri)
        assert subprocess.check_output(argv, text=True) == "(5000, 0)\n"


def test_two_links_at_once() -> None:
    slow, fast = LaneSpec(delay_s=30e-3), LaneSpec(delay_s=3e-3)
    with opened(slow, slow) as one, opened(fast, fast) as other:
        addresses = {end.address for link in (one, other) for end in (link.edge, link.server)}
        assert len(addresses) == 4
        assert median(at_endpoint.ping(one, 20, 1e-3)) == pytest.approx(60e-3, abs=2e-3)
        assert median(at_endpoint.ping(other, 20, 1e-3)) == pytest.approx(6e-3, abs=2e-3)


def test_opening_and_closing_leaves_nothing() -> None:
    before = left_over()
    for _ in range(20):
        opened(FREE).close()
    assert left_over() == before


def left_over(owner: int | None = None) -> tuple[list[str], int, str]:
    """Namespaces of `owner` (or of this process), our open files and our children."""
    mine = NAMES.glob(f"testbed-{owner or os.getpid()}-*")
    files = len(list(Path("/proc/self/fd").iterdir()))
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return [path.name for path in mine], files, children


def test_a_killed_ferry_is_a_fault_and_leaves_nothing() -> None:
    before = left_over()
    link = opened(FREE)
    ferry = link.describe()["ferry"]["process"]
    os.kill(ferry, signal.SIGKILL)
    os.waitid(os.P_PID, ferry, os.WEXITED | os.WNOWAIT)
    with pytest.raises(LinkFault, match="tun link: its process has ended"):
        link.expose(1)
    with pytest.raises(LinkFault, match="tun link: its process has ended"):
        link.describe()
    link.close()
    link.close()
    assert left_over() == before
    with pytest.raises(LinkFault, match="closed"):
        link.describe()
    with pytest.raises(LinkFault, match="closed"):
        link.expose(1)


def test_the_ferry_obeys_a_request_to_end_and_no_interrupt() -> None:
    with opened(FREE) as link:
        ferry = link.describe()["ferry"]["process"]
        os.kill(ferry, signal.SIGINT)
        link.describe()
        os.kill(ferry, signal.SIGTERM)
        os.waitid(os.P_PID, ferry, os.WEXITED | os.WNOWAIT)
        with pytest.raises(LinkFault, match="ended"):
            link.expose(1)


OWNER = """
import sys, time
from emulation.spec import LaneSpec, LinkSpec
from emulation.tun.link import backend
with backend.open(LinkSpec(LaneSpec(), LaneSpec()), 1) as link:
    print(link.describe()["ferry"]["process"], flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_owner_leaves_nothing(how: signal.Signals) -> None:
    before = left_over()
    argv = (sys.executable, "-c", OWNER)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as owner:
        assert owner.stdout is not None
        ferry = int(owner.stdout.readline())
        owner.send_signal(how)
    deadline_s = time.monotonic() + 10
    while Path(f"/proc/{ferry}").exists() or left_over(owner.pid) != before:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_a_link_that_cannot_be_opened_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = left_over()
    monkeypatch.setattr("emulation.tun.device.TX_QUEUE_PACKETS", -5)
    with pytest.raises(LinkFault, match="txqueuelen"):
        opened(FREE)
    assert left_over() == before
