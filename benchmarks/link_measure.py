"""What is measured on one link, each figure beside what was configured.

Every function takes the backend's name, the link's ends and how much effort to make, and returns
findings. Raises InstrumentFailed or LinkFault when no figure comes out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Thread
from time import monotonic, sleep
from typing import Literal

import numpy as np
from scipy.stats import binomtest

from benchmarks.link_cells import (
    CAPACITY_BPS,
    CPU_RATE_BPS,
    FERRY_CPU_SHARE,
    GOODPUT_SHARE,
    PAYLOAD_SHARE,
    PROBE_RATE_SHARE,
    PROBE_RTT_MS,
    RTT_MEDIAN_MS,
    RTT_P99_MS,
    Cell,
    Finding,
)
from benchmarks.link_instruments import PING_PACKET_BYTES, Ends, cpu_s, ping, tcp_goodput_bps, udp
from emulation.link import Link
from emulation.probe.expectation import expected_rtt_s
from emulation.probe.measure import probe_link

Way = Literal["up", "down"]
WAYS: tuple[Way, Way] = ("up", "down")
FULL_PACKET_BYTES = 1500
OVERDRIVE = 1.1
"""A rate is measured by sending more than it."""
SETTLE_S = 1.0
LOSS_PACKET_BYTES = 92
LOSS_PACKETS_PER_S = 5000.0
"""3.7 Mbit/s: less than any link here that loses packets carries, so that no queue overflows."""
CONFIDENCE = 0.95
FALLBACK = "simpy"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long each instrument runs.

    steady_after_s: TCP's start is not what a rate is about; so much of it is left out.
    """

    pings: int
    stream_s: float
    steady_after_s: float
    loss_packets: int


FULL = Effort(pings=200, stream_s=5.0, steady_after_s=3.0, loss_packets=25_000)
QUICK = Effort(pings=50, stream_s=2.0, steady_after_s=1.5, loss_packets=20_000)

Measure = Callable[[str, Cell, Ends, Effort], list[Finding]]


def rtt(backend: str, cell: Cell, ends: Ends, effort: Effort) -> list[Finding]:
    """ping's round trips, median and 99th percentile, against an idle link's."""
    asked_s = cell.expected_rtt_s(PING_PACKET_BYTES)
    asked_ms, found_ms = asked_s * 1e3, np.array(ping(ends, effort.pings, asked_s)) * 1e3
    finding = partial(
        Finding,
        backend=backend,
        instrument="ping",
        link=cell.describe(),
        direction="both",
        configured=asked_ms,
        unit="ms",
        samples=len(found_ms),
    )
    middle_ms, high_ms = float(np.median(found_ms)), float(np.quantile(found_ms, 0.99))
    return [
        finding(
            quantity="rtt",
            achieved=middle_ms,
            error=middle_ms - asked_ms,
            target=f"error <= {RTT_MEDIAN_MS:g} ms",
            holds=abs(middle_ms - asked_ms) <= RTT_MEDIAN_MS,
        ),
        finding(
            quantity="rtt p99",
            achieved=high_ms,
            error=high_ms - asked_ms,
            target=f"error <= {RTT_P99_MS:g} ms",
            holds=abs(high_ms - asked_ms) <= RTT_P99_MS,
        ),
    ]


def rate(backend: str, cell: Cell, ends: Ends, effort: Effort) -> list[Finding]:
    """What arrives of more UDP than fits."""
    found: list[Finding] = []
    for way in WAYS:
        send_bps = cell.rate_bps * OVERDRIVE
        got_bps = udp(
            ends, send_bps, FULL_PACKET_BYTES, effort.stream_s, SETTLE_S, way == "down"
        ).received_bps
        found.append(
            Finding(
                backend=backend,
                instrument="iperf3 UDP",
                quantity="rate",
                link=cell.describe(),
                direction=way,
                configured=cell.rate_bps,
                achieved=got_bps,
                error=got_bps - cell.rate_bps,
                unit="bit/s",
            )
        )
    return found


def goodput(backend: str, cell: Cell, ends: Ends, effort: Effort) -> list[Finding]:
    """What one TCP connection delivers once it has got going, of what full packets could carry."""
    ideal_bps = cell.rate_bps * PAYLOAD_SHARE
    found: list[Finding] = []
    for way in WAYS:
        got_bps = tcp_goodput_bps(ends, effort.stream_s, effort.steady_after_s, way == "down")
        found.append(
            Finding(
                backend=backend,
                instrument="iperf3 TCP",
                quantity="goodput",
                link=cell.describe(),
                direction=way,
                configured=ideal_bps,
                achieved=got_bps,
                error=got_bps - ideal_bps,
                unit="bit/s",
                target=f">= {GOODPUT_SHARE:g} of 1448/1500 of the rate",
                holds=GOODPUT_SHARE <= got_bps / ideal_bps <= 1 / GOODPUT_SHARE,
            )
        )
    return found


def loss(backend: str, cell: Cell, ends: Ends, effort: Effort) -> list[Finding]:
    """How many of many small packets do not arrive."""
    found: list[Finding] = []
    for way in WAYS:
        send_bps = LOSS_PACKETS_PER_S * LOSS_PACKET_BYTES * 8
        for_s = 1.05 * effort.loss_packets / LOSS_PACKETS_PER_S
        got = udp(ends, send_bps, LOSS_PACKET_BYTES, for_s, reverse=way == "down")
        found.append(loss_finding(backend, "iperf3 UDP", cell, way, got.sent, got.lost))
    return found


def probe(backend: str, cell: Cell, link: Link, seed: int) -> list[Finding]:
    """Our own instrument on the same link: round trip, both rates, loss where there is one."""
    spec = cell.spec
    got = probe_link(link, spec, seed)
    asked_ms, median_ms = expected_rtt_s(spec) * 1e3, got.rtt_p50_s * 1e3
    finding = partial(Finding, backend=backend, instrument="probe", link=cell.describe())
    found = [
        finding(
            quantity="rtt",
            direction="both",
            configured=asked_ms,
            achieved=median_ms,
            error=median_ms - asked_ms,
            unit="ms",
            samples=got.pings_answered,
            target=f"error <= {PROBE_RTT_MS:g} ms",
            holds=abs(median_ms - asked_ms) <= PROBE_RTT_MS,
        )
    ]
    rates_bps = (got.uplink.rate_bps, got.downlink.rate_bps)
    for way, rate_bps in zip(WAYS, rates_bps, strict=True):
        if rate_bps is not None:
            found.append(
                finding(
                    quantity="rate",
                    direction=way,
                    configured=cell.rate_bps,
                    achieved=rate_bps,
                    error=rate_bps - cell.rate_bps,
                    unit="bit/s",
                    target=f"error <= {PROBE_RATE_SHARE:.0%} of the rate",
                    holds=abs(rate_bps / cell.rate_bps - 1) <= PROBE_RATE_SHARE,
                )
            )
    if cell.loss:
        up_lost = got.uplink.sent - got.uplink.received
        down_lost = got.downlink.sent - got.downlink.received
        found.append(loss_finding(backend, "probe", cell, "up", got.uplink.sent, up_lost))
        found.append(loss_finding(backend, "probe", cell, "down", got.downlink.sent, down_lost))
    return found


def capacity(backend: str, ends: Ends, effort: Effort) -> list[Finding]:
    """What one TCP connection gets through a link that shapes nothing."""
    got_bps = tcp_goodput_bps(ends, effort.stream_s, SETTLE_S)
    return [
        Finding(
            backend=backend,
            instrument="iperf3 TCP",
            quantity="capacity",
            link="no rate, 0.5 ms",
            direction="up",
            configured=None,
            achieved=got_bps,
            error=None,
            unit="bit/s",
            target="" if backend == FALLBACK else f">= {CAPACITY_BPS / 1e9:g} Gbit/s",
            holds=None if backend == FALLBACK else got_bps >= CAPACITY_BPS,
        )
    ]


def cpu(backend: str, ends: Ends, process_id: int, effort: Effort) -> list[Finding]:
    """CPU that the link's own process takes while TCP fills its 20 Mbit/s."""
    arguments = (ends, effort.stream_s + SETTLE_S, effort.steady_after_s)
    stream = Thread(target=tcp_goodput_bps, args=arguments)
    stream.start()
    sleep(effort.steady_after_s)
    began_s, used_s = monotonic(), cpu_s(process_id)
    sleep(effort.stream_s)
    share = (cpu_s(process_id) - used_s) / (monotonic() - began_s)
    stream.join()
    return [
        Finding(
            backend=backend,
            instrument="/proc/PID/stat",
            quantity="cpu",
            link=f"{CPU_RATE_BPS / 1e6:g} Mbit/s, 10 ms, TCP",
            direction="up",
            configured=None,
            achieved=share,
            error=None,
            unit="of a core",
            target="" if backend == FALLBACK else f"<= {FERRY_CPU_SHARE * 100:g} % of a core",
            holds=None if backend == FALLBACK else share <= FERRY_CPU_SHARE,
        )
    ]


MEASURES: dict[str, Measure] = {"rtt": rtt, "rate": rate, "goodput": goodput, "loss": loss}


def loss_finding(
    backend: str, instrument: str, cell: Cell, way: Way, sent: int, lost: int
) -> Finding:
    """A count of losses with its interval (Clopper and Pearson, 1934)."""
    test = binomtest(lost, sent)
    interval = test.proportion_ci(CONFIDENCE, method="exact")
    return Finding(
        backend=backend,
        instrument=instrument,
        quantity="loss",
        link=cell.describe(),
        direction=way,
        configured=cell.loss,
        achieved=lost / sent,
        error=lost / sent - cell.loss,
        unit="of packets",
        samples=sent,
        low=float(interval.low),
        high=float(interval.high),
        target=f"{cell.loss * 100:g} % within the 95 % interval",
        holds=bool(interval.low <= cell.loss <= interval.high),
    )
