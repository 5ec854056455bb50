"""What every backend promises, measured from outside by programs at its two ends."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from emulation.errors import LinkFault
from emulation.lane import Lane
from emulation.link import Backend
from emulation.probe.expectation import Achieved, Tolerance, check
from emulation.probe.measure import probe_link
from emulation.queues.codel import CoDel
from emulation.spec import LaneSpec, LinkSpec
from tests.contract.leftovers import (
    alive,
    descendants,
    footprint,
    wait_for,
    wait_until_ended,
)
from tests.emulation import at_endpoint

pytestmark = pytest.mark.realtime

ROOT = Path(__file__).parents[2]
END_TIMEOUT_S = 10.0
UP = LaneSpec(rate_bps=4e6, delay_s=0.025, loss=0.04)
DOWN = LaneSpec(rate_bps=16e6, delay_s=0.01)
SPEC = LinkSpec(UP, DOWN)
FREE = LaneSpec()
NOBODY = -1


@pytest.fixture(scope="module")
def achieved(backend: Backend) -> Achieved:
    """A probe of a link whose directions differ in everything."""
    with backend.open(SPEC, seed=1) as link:
        return probe_link(link, SPEC)


def test_round_trips_are_the_sum_of_both_delays(achieved: Achieved) -> None:
    assert achieved.rtt_p50_s == pytest.approx(0.0352, abs=0.002)
    assert achieved.rtt_p50_s <= achieved.rtt_p99_s


def test_each_direction_has_its_own_rate(achieved: Achieved) -> None:
    assert achieved.uplink.rate_bps == pytest.approx(4e6, rel=0.05)
    assert achieved.downlink.rate_bps == pytest.approx(16e6, rel=0.05)


def test_each_direction_has_its_own_loss(achieved: Achieved) -> None:
    assert achieved.uplink.loss == pytest.approx(0.04, abs=0.015)
    assert achieved.downlink.loss == 0.0
    assert achieved.uplink.sent >= 2000


def test_the_probe_finds_the_link_that_was_configured(achieved: Achieved) -> None:
    assert check(achieved, SPEC, Tolerance(rtt=0.06)) == []


def test_the_probe_finds_out_another_link(achieved: Achieved) -> None:
    wanted = LinkSpec(replace(UP, rate_bps=5e6, loss=0.0), replace(DOWN, delay_s=0.02))
    found = [line.split(":")[0] for line in check(achieved, wanted, Tolerance())]
    assert found == ["RTT", "uplink rate", "uplink loss"]


def test_order_is_kept_in_spite_of_jitter(backend: Backend) -> None:
    spec = LinkSpec(LaneSpec(delay_s=0.03, jitter_s=0.005), FREE)
    with backend.open(spec, seed=2) as link:
        numbers, _ = at_endpoint.blast(link, count=300, size_bytes=200)
    assert numbers == list(range(300))


def test_a_full_queue_drops_what_comes_last(backend: Backend) -> None:
    """200 packets at once into a queue of 50; while they are sent one or two more leave."""
    spec = LinkSpec(LaneSpec(rate_bps=2e6, queue_bytes=75_000), FREE)
    with backend.open(spec, seed=1) as link:
        numbers, times_s = at_endpoint.blast(link, count=200, size_bytes=1500)
    assert numbers[:48] == list(range(48))
    assert 48 <= len(numbers) <= 60
    assert times_s[47] - times_s[0] == pytest.approx(47 * 1500 * 8 / 2e6, rel=0.05)


def test_codel_drops_what_the_law_drops(backend: Backend) -> None:
    """300 packets at once, which wait up to 600 ms: from the head, faster and faster.

    A packet leaves while they are sent, and the kernel decides a packet's time earlier.
    """
    policy = CoDel(target_s=10e-3, interval_s=30e-3)
    lane = LaneSpec(rate_bps=6e6, queue_bytes=500_000, queue_policy=policy)
    law: Lane[int] = Lane(lane, seed=1)
    for number in range(300):
        law.offer(0.0, 1500, number)
    wanted = law.due(1e9)
    assert len(wanted) < 280
    with backend.open(LinkSpec(lane, FREE), seed=1) as link:
        numbers, times_s = at_endpoint.blast(link, count=300, size_bytes=1500)
    assert numbers == sorted(numbers)
    assert numbers[-1] == 299
    assert len(numbers) == pytest.approx(len(wanted), abs=4)
    assert times_s[-1] - times_s[0] == pytest.approx((len(numbers) - 1) * 2e-3, rel=0.05)


def test_a_stream_gets_the_rate(backend: Backend) -> None:
    lane = LaneSpec(rate_bps=20e6, delay_s=0.005)
    with backend.open(LinkSpec(lane, lane), seed=1) as link:
        carried = at_endpoint.transfer(link, size_bytes=2_000_000)
    assert carried["bytes"] == 2_000_000
    goodput_bps = carried["bytes"] * 8 / carried["time_s"]
    assert goodput_bps == pytest.approx(20e6 * 1448 / 1500, rel=0.1)


def test_the_meter_counts_what_crosses(backend: Backend) -> None:
    with backend.open(LinkSpec(FREE, FREE), seed=1) as link:
        before = meter_read(link.edge.argv_prefix, link.meter_uri)
        numbers, _ = at_endpoint.blast(link, count=100, size_bytes=1000)
        up, _ = meter_read(link.edge.argv_prefix, link.meter_uri)
    assert len(numbers) == 100
    assert 100_000 <= up - before[0] <= 105_000


def meter_read(prefix: tuple[str, ...], uri: str) -> tuple[int, int]:
    """The meter's reading, by a program at the edge end as a half would take it."""
    program = f"from emulation.meter import open_meter; print(*open_meter({uri!r}).read())"
    argv = (*prefix, sys.executable, "-c", program)
    up, down = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    return int(up), int(down)


def test_two_links_at_once_do_not_meet(backend: Backend) -> None:
    slow, fast = LinkSpec(LaneSpec(rate_bps=2e6), FREE), LinkSpec(LaneSpec(rate_bps=10e6), FREE)
    with backend.open(slow, seed=1) as one, backend.open(fast, seed=2) as other:
        for link, rate_bps in ((one, 2e6), (other, 10e6), (one, 2e6)):
            numbers, times_s = at_endpoint.blast(link, count=101, size_bytes=1500)
            assert numbers == list(range(101))
            achieved_bps = 100 * 1500 * 8 / (times_s[-1] - times_s[0])
            assert achieved_bps == pytest.approx(rate_bps, rel=0.15)  # if they met: by far more


@pytest.mark.usefixtures("own_files")
def test_opening_and_closing_leaves_nothing_behind(backend: Backend) -> None:
    backend.open(LinkSpec(FREE, FREE), seed=1).close()  # whatever is made once, is made now
    before = footprint()
    for seed in range(5):
        link = backend.open(LinkSpec(FREE, FREE), seed=seed)
        link.expose(5001)
        link.close()
        link.close()
    assert wait_for(before, END_TIMEOUT_S) == before


@pytest.mark.usefixtures("own_files")
def test_a_link_whose_process_was_killed_is_a_fault_and_closes(backend: Backend) -> None:
    before = footprint()
    with backend.open(LinkSpec(FREE, FREE), seed=1) as link:
        for process in descendants(os.getpid()) - before.processes:
            os.kill(process, signal.SIGKILL)
        with pytest.raises(LinkFault):
            for port in range(5001, 5003):  # the first may still find it alive
                link.expose(port)
                link.describe()
    backend.open(LinkSpec(FREE, FREE), seed=1).close()  # may have to clear away the wreck
    assert wait_for(before, END_TIMEOUT_S) == before


@pytest.mark.usefixtures("own_files")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_link_does_not_outlive_its_owner(backend: Backend, end: signal.Signals) -> None:
    before = footprint(owner=NOBODY)
    argv = [sys.executable, "-m", "tests.contract.holder", backend.name]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        link_processes = descendants(holder.pid)
        assert alive(link_processes)
        holder.send_signal(end)
        assert holder.stdout.read() == ("interrupted\n" if end == signal.SIGINT else "")
    assert not wait_until_ended(link_processes, END_TIMEOUT_S)
    assert wait_for(before, END_TIMEOUT_S, holder.pid) == before
