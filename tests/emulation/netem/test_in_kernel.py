"""What only the netem backend does, on a kernel that has netem; `make test-netem` provides one.

What it shares with every backend is in tests/contract/, which runs over it there, too.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby, pairwise
from statistics import mean, median, stdev
from typing import Any

import pytest

from emulation.errors import CommandFailed, LinkFault
from emulation.host.netns import open_namespaces
from emulation.link import Link
from emulation.netem.argv import show_commands
from emulation.netem.link import backend
from emulation.queues.codel import CoDel
from emulation.spec import Distribution, GilbertElliott, LaneSpec, LinkSpec, Weather
from tests.contract.leftovers import footprint
from tests.emulation import at_endpoint

WHY_NOT = backend.missing()
if WHY_NOT is not None:
    pytest.skip(f"no netem link: {WHY_NOT} (make test-netem)", allow_module_level=True)
pytestmark = [pytest.mark.netem, pytest.mark.root, pytest.mark.realtime]

FREE = LaneSpec()
SIGMAS = 4.0
"""How far from its mean a random count may be: once in 16,000 runs."""


def opened(uplink: LaneSpec, downlink: LaneSpec = FREE, seed: int = 1) -> Link:
    return backend.open(LinkSpec(uplink, downlink), seed)


def lost(count: int, lane: LaneSpec) -> tuple[int, list[int]]:
    """How many of `count` small packets a lane drops, as the kernel counts; those that arrive."""
    with opened(lane) as link:
        numbers, _ = at_endpoint.blast(link, count, size_bytes=60)
        dropped = link.describe()["qdisc"]["uplink"][0]["dropped_packets"]
    assert numbers == sorted(numbers)
    assert len(numbers) == count - dropped
    return dropped, numbers


def rate_of(times_s: list[float], size_bytes: int) -> float:
    """Of a saturated lane, in bits a second, by the gaps between its packets.

    The longest tenth and the shortest are left out: a guest's clock jumps by some milliseconds
    where its host pauses while it idles (`tests.qemu.guest`). One packet is late then, the next
    ones hurry, and what a token bucket, or a lane that ran empty, has not made up for is no rate.
    """
    gaps_s = sorted(after - before for before, after in pairwise(times_s))
    cut = len(gaps_s) // 10
    return size_bytes * 8 / mean(gaps_s[cut : len(gaps_s) - cut])


@pytest.fixture(scope="module")
def steady() -> Iterator[Link]:
    """10 Mbit/s and 20 ms each way, for what does not disturb what comes after it."""
    lane = LaneSpec(rate_bps=10e6, delay_s=20e-3, queue_bytes=100_000)
    with backend.open(LinkSpec(lane, lane, "bbr"), 1) as link:
        yield link


def test_it_counts_ip_bytes_and_nothing_else(steady: Link) -> None:
    at_endpoint.blast(steady, count=10, size_bytes=500)
    read = f"from emulation.meter import open_meter; print(open_meter({steady.meter_uri!r}).read())"
    argv = (*steady.edge.argv_prefix, sys.executable, "-c", read)
    assert subprocess.check_output(argv, text=True) == "(5000, 0)\n"
    told = steady.describe()["qdisc"]
    assert [netem["sent_bytes"] for netem in told["uplink"]] == [5000, 5000]
    assert [netem["sent_bytes"] for netem in told["downlink"]] == [0, 0]


def test_renewed_it_goes_on_counting_and_shapes_as_before() -> None:
    policy = CoDel(target_s=1.0)
    with opened(LaneSpec(rate_bps=4e6, delay_s=10e-3, queue_policy=policy)) as link:
        at_endpoint.blast(link, count=20, size_bytes=1500)
        link.renew(Weather(seed=2))
        numbers, times_s = at_endpoint.blast(link, count=40, size_bytes=1500)
        told = link.describe()["qdisc"]["uplink"]
    assert numbers == list(range(40))
    assert (times_s[-1] - times_s[0]) == pytest.approx(39 * 3e-3, rel=0.05)
    assert [qdisc["sent_packets"] for qdisc in told] == [60, 60]


def test_it_describes_itself(steady: Link) -> None:
    told = steady.describe()
    assert told["kernel"] == os.uname().release
    assert told["iproute2"] != "unknown"
    assert told["congestion_control"] == "bbr"
    assert " ".join(line.split()[0] for line in told["tc"]["uplink"]) == "ip ip tc tc tc tc"
    assert [netem["device"] for netem in told["qdisc"]["uplink"]] == ["ifb-up", "to-server"]
    assert [netem["device"] for netem in told["qdisc"]["downlink"]] == ["ifb-down", "to-edge"]
    assert steady.expose(80) == (steady.server.address, 80)


def test_round_trip_time(steady: Link) -> None:
    times_s = at_endpoint.ping(steady, count=50, interval_s=5e-3)
    expected_s = 2 * (20e-3 + 84 * 8 / 10e6)
    assert times_s[0] > expected_s
    assert median(times_s) == pytest.approx(expected_s, rel=0.05)


def test_a_tcp_transfer_gets_the_rate_in_full_packets(steady: Link) -> None:
    """No segmentation offload: netem meets packets of 1500 bytes, not of 64 kB."""
    size_bytes = 1_000_000
    before = steady.describe()["qdisc"]["uplink"][0]
    carried = at_endpoint.transfer(steady, size_bytes)
    after = steady.describe()["qdisc"]["uplink"][0]
    assert carried["bytes"] == size_bytes
    assert 0.8 < carried["bytes"] * 8 / carried["time_s"] / (10e6 * 1448 / 1500) <= 1.01
    assert carried["sender"] == carried["congestion_control"] == "bbr"
    assert after["sent_packets"] - before["sent_packets"] >= size_bytes / 1448
    assert after["sent_bytes"] - before["sent_bytes"] >= size_bytes * 1500 / 1448


@pytest.mark.parametrize(("rate_bps", "count"), [(1e6, 51), (20e6, 401)])
def test_rate(rate_bps: float, count: int) -> None:
    """The kernel's time stamps of a saturated lane, whose rate is that of IP packets.

    Slow enough for a guest: at 100 Mbit/s it sends hardly faster than the lane carries, and a pause
    of 8 ms has more than a tenth of the packets hurry.
    """
    with opened(LaneSpec(rate_bps=rate_bps, delay_s=1e-3)) as link:
        numbers, times_s = at_endpoint.blast(link, count, size_bytes=1500)
    assert numbers == list(range(count))
    assert rate_of(times_s, size_bytes=1500) == pytest.approx(rate_bps, rel=0.01)


def test_random_loss() -> None:
    dropped, _ = lost(5000, LaneSpec(delay_s=1e-3, loss=0.03))
    assert abs(dropped - 150) < SIGMAS * 150**0.5


def test_loss_in_bursts() -> None:
    """As many bursts as p says, each as long as r says: 1/r packets."""
    dropped, numbers = lost(5000, LaneSpec(loss=GilbertElliott(p=0.02, r=0.25)))
    arrived = set(numbers)
    runs = groupby(number not in arrived for number in range(5000))
    bursts = [len(list(run)) for gone, run in runs if gone]
    expected = 5000 * 0.02 * 0.25 / (0.02 + 0.25)
    assert len(bursts) == pytest.approx(expected, abs=SIGMAS * expected**0.5)
    assert mean(bursts) == pytest.approx(4, abs=SIGMAS * (12 / len(bursts)) ** 0.5)
    assert dropped == sum(bursts)


def test_loss_in_a_good_state_too() -> None:
    dropped, _ = lost(3000, LaneSpec(loss=GilbertElliott(p=0.5, r=0.5, loss_bad=0.1)))
    assert abs(dropped - 150) < SIGMAS * 150**0.5


def test_a_full_queue_drops_what_comes_last() -> None:
    """30 packets fit; while the rest arrive, in some ms, hardly one leaves (12 ms each)."""
    with opened(LaneSpec(rate_bps=1e6, delay_s=0.2, queue_bytes=30 * 1500)) as link:
        numbers, _ = at_endpoint.blast(link, count=100, size_bytes=1500)
        queue, flight = link.describe()["qdisc"]["uplink"]
    assert numbers[:30] == list(range(30))
    assert 30 <= len(numbers) < 60
    assert queue["dropped_packets"] == 100 - len(numbers)
    assert flight["sent_packets"] == len(numbers)
    assert flight["dropped_packets"] == 0


@pytest.mark.parametrize(
    ("distribution", "spread_s"), [("normal", 2e-3), ("uniform", 2e-3 / 3**0.5), ("pareto", None)]
)
def test_jitter(distribution: Distribution, spread_s: float | None) -> None:
    lane = LaneSpec(20e6, 20e-3, 2e-3, distribution, reorder=True)
    with opened(lane) as link:
        times_s = at_endpoint.ping(link, count=300, interval_s=2e-3)
    assert median(times_s) == pytest.approx(20e-3, abs=2e-3)
    if spread_s is not None:
        assert stdev(times_s) == pytest.approx(spread_s, rel=0.25)
    else:  # a heavy tail to one side
        assert max(times_s) - median(times_s) > 2 * (median(times_s) - min(times_s))


@pytest.mark.parametrize("reorder", [False, True])
def test_order_is_lost_only_where_it_may_be(reorder: bool) -> None:
    lane = LaneSpec(20e6, 20e-3, 5e-3, reorder=reorder)
    with opened(lane) as link:
        numbers, times_s = at_endpoint.blast(link, count=300, size_bytes=1500)
    assert sorted(numbers) == list(range(300))
    overtaken = sum(before > after for before, after in pairwise(numbers))
    assert overtaken > 50 if reorder else overtaken == 0
    assert times_s[-1] - times_s[0] == pytest.approx(299 * 1500 * 8 / 20e6, abs=25e-3)


@pytest.mark.parametrize("loss", [0.0, 0.01])
def test_a_managed_queue_keeps_the_rate_and_counts_what_it_drops(loss: float) -> None:
    policy = CoDel(target_s=5e-3, interval_s=20e-3)
    lane = LaneSpec(6e6, 10e-3, loss=loss, queue_bytes=10**6, queue_policy=policy)
    with opened(lane) as link:
        assert "codel" in " ".join(link.describe()["tc"]["uplink"])
        numbers, times_s = at_endpoint.blast(link, 500, size_bytes=1500)
        queue, flight = link.describe()["qdisc"]["uplink"]
    assert numbers == sorted(numbers)
    assert queue["dropped_packets"] == 500 - len(numbers) > 20
    assert flight["sent_packets"] == len(numbers)
    assert queue["sent_bytes"] == 1500 * len(numbers)
    assert rate_of(times_s, size_bytes=1500) == pytest.approx(6e6, rel=0.02)


def test_the_same_seed_loses_the_same_packets_where_the_kernel_takes_one() -> None:
    arrived: list[list[int]] = []
    for seed in (1, 1, 2):
        with opened(LaneSpec(loss=0.2), seed=seed) as link:
            told = link.describe()
            assert (" seed " in told["tc"]["uplink"][0]) is told["seeded"]
            if not told["seeded"]:
                return
            arrived.append(at_endpoint.blast(link, 500, size_bytes=60)[0])
    assert arrived[0] == arrived[1] != arrived[2]


def test_what_a_practitioner_is_told_to_type_works_and_can_be_undone() -> None:
    lane = LaneSpec(rate_bps=1e6, delay_s=1e-3, loss=0.01)
    lines = show_commands(LinkSpec(lane, lane), "lan", "wan")
    typed = [line.split() for line in lines if line.startswith(("tc", "ip link"))]
    looked = typed.index(["tc", "-s", "qdisc", "show"])
    done, undone = typed[:looked], typed[looked + 1 :]
    with open_namespaces("router") as (router,):
        router.ip("link add lan up type veth peer name wan", "link set wan up")
        before = router.run("tc", "qdisc"), router.run("ip", "-br", "link")
        for argv in done:
            router.run(*argv)
        assert router.run("tc", "qdisc").count("netem") == 4
        for argv in undone:
            router.run(*argv)
        assert (router.run("tc", "qdisc"), router.run("ip", "-br", "link")) == before


def test_a_closed_link_is_a_fault() -> None:
    link = opened(FREE)
    link.close()
    link.close()
    for use in (link.describe, lambda: link.expose(1)):
        with pytest.raises(LinkFault, match="netem link: it is closed"):
            use()


def test_a_link_whose_interface_is_gone_says_so() -> None:
    with opened(FREE) as link:
        subprocess.run((*link.edge.argv_prefix, "ip", "link", "delete", "eth0"), check=True)
        with pytest.raises(LinkFault, match="an interface of the link is gone: to-edge"):
            link.require_running()


def test_a_link_whose_router_is_gone_cannot_be_described() -> None:
    with opened(FREE) as link:
        router = link.edge.argv_prefix[-1].replace("-edge", "-router")
        subprocess.run(("ip", "netns", "delete", router), check=True)
        with pytest.raises(CommandFailed, match=router):
            link.describe()


def test_a_link_that_cannot_be_opened_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = footprint()

    def commands(*_: Any, **__: Any) -> dict[str, list[tuple[str, ...]]]:
        wrong = ("tc", "qdisc", "add", "dev", "nothing", "root", "netem")
        return {"uplink": [wrong], "downlink": []}

    monkeypatch.setattr("emulation.netem.link.router_commands", commands)
    with pytest.raises(LinkFault, match='Cannot find device "nothing"'):
        opened(FREE)
    assert footprint() == before


ROOTLESS = """
from emulation.netem.link import backend
from emulation.spec import LaneSpec, LinkSpec
from tests.emulation import at_endpoint

lane = LaneSpec(rate_bps=20e6, delay_s=10e-3, jitter_s=1e-3)
with backend.open(LinkSpec(lane, lane, "reno"), 1) as link:
    assert link.edge.argv_prefix[0] == "nsenter"
    assert link.describe()["steered_to_one_cpu"] is False
    times_s = at_endpoint.ping(link, 20, 5e-3)
    assert 18e-3 < times_s[10] < 24e-3, times_s
    assert at_endpoint.transfer(link, 100_000)["sender"] == "reno"
"""

NOBODY = 65534


def test_a_link_without_root() -> None:
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    argv = ((*become, "env") if os.geteuid() == 0 else ()) + (sys.executable, "-c")
    if subprocess.run((*argv, "import emulation.netem.link"), check=False).returncode != 0:
        pytest.skip(f"user {NOBODY} may not read this Python or this project")
    done = subprocess.run((*argv, ROOTLESS), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
