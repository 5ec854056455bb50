"""Which links are measured, and what a finding is. A sparse design, not every combination.

Targets are printed with each figure, whether they hold or not. What the fallback (simpy) can carry,
and at what cost, has none.
"""

from dataclasses import dataclass
from typing import Literal

from emulation.spec import LaneSpec, LinkSpec

Quantity = Literal["rtt", "rtt p99", "rate", "goodput", "loss", "capacity", "cpu"]

PAYLOAD_SHARE = 1448 / 1500
"""What TCP over IPv4 with timestamps leaves of a full packet."""

RTT_MEDIAN_MS = 0.15
RTT_P99_MS = 1.0
PROBE_RTT_MS = 0.3
"""Of our own instrument's median: two programs of Python are woken on its way."""
PROBE_RATE_SHARE = 0.02
"""Less than half of what a scenario's tolerance usually leaves."""
GOODPUT_SHARE = 0.98
CAPACITY_BPS = 3e9
FERRY_CPU_SHARE = 0.10

QUEUE_S = 0.05
FEWEST_QUEUE_BYTES = 64 * 1500
CAPACITY_DELAY_S = 0.5e-3
CAPACITY_QUEUE_BYTES = 8_000_000
CPU_RATE_BPS = 20e6
CPU_DELAY_S = 10e-3


@dataclass(frozen=True, slots=True)
class Cell:
    """One link: the same both ways. tasks: what is measured on it."""

    rate_bps: float
    delay_s: float
    loss: float = 0.0
    tasks: tuple[Literal["rtt", "rate", "goodput", "loss", "probe"], ...] = ()

    @property
    def spec(self) -> LinkSpec:
        """The link, with a queue of 50 ms or the round trip, whichever is more."""
        queue_s = max(QUEUE_S, 2 * self.delay_s)
        queue_bytes = max(FEWEST_QUEUE_BYTES, int(self.rate_bps / 8 * queue_s))
        lane = LaneSpec(self.rate_bps, self.delay_s, loss=self.loss, queue_bytes=queue_bytes)
        return LinkSpec(lane, lane)

    def expected_rtt_s(self, packet_bytes: int) -> float:
        """Of a packet that meets no other: both delays and both times at the rate."""
        return 2 * (self.delay_s + packet_bytes * 8 / self.rate_bps)

    def describe(self) -> str:
        """Such as `100 Mbit/s, 20 ms, 1 % lost`."""
        lost = f", {self.loss * 100:g} % lost" if self.loss else ""
        return f"{self.rate_bps / 1e6:g} Mbit/s, {self.delay_s * 1e3:g} ms{lost}"


CELLS = (
    Cell(1e6, 20e-3, tasks=("rtt", "rate", "probe")),
    Cell(10e6, 2e-3, tasks=("rtt",)),
    Cell(10e6, 20e-3, tasks=("rtt", "rate", "goodput", "probe")),
    Cell(10e6, 50e-3, loss=0.03, tasks=("loss", "probe")),
    Cell(100e6, 2e-3, tasks=("rtt", "probe")),
    Cell(100e6, 20e-3, tasks=("rtt", "rate", "goodput", "probe")),
    Cell(100e6, 50e-3, tasks=("rtt",)),
    Cell(100e6, 20e-3, loss=0.01, tasks=("loss", "probe")),
    Cell(1000e6, 2e-3, tasks=("rtt", "goodput", "probe")),
    Cell(1000e6, 20e-3, tasks=("rtt", "probe")),
)
"""No goodput at 1000 Mbit/s and 40 ms of round trip: there the kernel's largest receive window
(tcp_rmem: 6 MB, of which half is data) ends at 600 Mbit/s, on any link."""
QUICK_CELLS = (
    Cell(10e6, 20e-3, tasks=("rtt", "goodput", "probe")),
    Cell(100e6, 20e-3, loss=0.01, tasks=("loss",)),
)


def unshaped_spec() -> LinkSpec:
    """No rate, next to no delay: what the backend itself can carry."""
    lane = LaneSpec(delay_s=CAPACITY_DELAY_S, queue_bytes=CAPACITY_QUEUE_BYTES)
    return LinkSpec(lane, lane)


def cpu_spec() -> LinkSpec:
    """The link on which the carrying process's CPU time is read."""
    return Cell(CPU_RATE_BPS, CPU_DELAY_S).spec


@dataclass(frozen=True, slots=True)
class Finding:
    """One number measured, beside what was configured.

    unit: of configured, achieved and error. low, high: of a 95 % interval. target: in words;
    holds: whether it is met, None where there is none.
    """

    backend: str
    instrument: str
    quantity: Quantity
    link: str
    direction: Literal["up", "down", "both"]
    configured: float | None
    achieved: float
    error: float | None
    unit: str
    samples: int | None = None
    low: float | None = None
    high: float | None = None
    target: str = ""
    holds: bool | None = None

    @property
    def verdict(self) -> str:
        """holds, MISSED, or nothing."""
        return "" if self.holds is None else "holds" if self.holds else "MISSED"
