"""The rate traces that are shipped: which law, which parameters, and what they must be like.

    python -m emulation.traces.models scenarios/traces

writes them again, bit for bit, and prints their statistics. Every number that has a source names
it; the others are chosen, and say so. The laws are in `laws.py`. Files are kept below 1 MB,
which caps rate times length: a packet is a line of five or six characters.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from emulation.trace import PACKET_BITS, RateTrace, save_trace
from emulation.traces.laws import Blocked, Contended, Driving, Law, Underground, deliveries
from emulation.traces.statistics import TraceStatistics, statistics

Deliveries = tuple[tuple[int, ...], tuple[int, ...]]


LIMITED = ("mean_bps", "variation", "outage_share", "memory_s")


@dataclass(frozen=True, slots=True)
class Target:
    """Limits (from, to) a trace's statistics lie within, over bins of `bin_s` seconds."""

    bin_s: float
    mean_bps: tuple[float, float]
    variation: tuple[float, float]
    outage_share: tuple[float, float]
    memory_s: tuple[float, float]

    def missed(self, found: TraceStatistics) -> list[str]:
        """Names of the statistics outside their limits."""
        limits = {name: getattr(self, name) for name in LIMITED}
        return [n for n, (low, high) in limits.items() if not low <= getattr(found, n) <= high]


@dataclass(frozen=True, slots=True)
class Model:
    """One pair of traces, up and down, over the same radio channel.

    generate: from a seeded generator to (up, down). seed: chosen, the first from 1 whose traces
    lie within the targets, since a minute of a process that remembers seconds may lie anywhere.
    """

    name: str
    generate: Callable[[Random], Deliveries]
    up: Target
    down: Target
    seed: int

    def traces(self, seed: int | None = None) -> tuple[RateTrace, RateTrace]:
        """The pair (up, down); of another seed than the shipped one if asked for."""
        up, down = self.generate(Random(self.seed if seed is None else seed))
        return RateTrace(self.name, up), RateTrace(self.name, down)


def packets_per_s(rate_bps: float) -> float:
    """Full packets that a rate at the IP layer carries."""
    return rate_bps / PACKET_BITS


def same_air(law: Law, duration_ms: int, up_share: float) -> Callable[[Random], Deliveries]:
    """Both directions over one radio channel, of which the uplink gets a share of the rate."""

    def generate(rng: Random) -> Deliveries:
        path = law.path(rng, duration_ms)
        return deliveries(path * up_share, rng), deliveries(path, rng)

    return generate


DRIVING_UP_SHARE = 11 / 36
"""Uplink to downlink of phones, worldwide, September 2020 (Ookla Speedtest Global Index)."""
DRIVING = Driving(ceiling_packets_per_s=packets_per_s(2 * 30.3e6))
"""Sprout's law, with the mean and the spread of 4G in and around Ghent.

Van der Hooft et al. (IEEE Communications Letters 20(11), 2016): 30.3 +- 16.7 Mbit/s over all of
five hours on foot, bicycle, bus, tram, train and by car, from 0 to 111; 33.9 +- 15.8 in a car on
the ring road. The ceiling is twice the mean wanted: above zero, where it sticks, the law favours no
level.
"""

SUBWAY_UP_SHARE = 0.4
"""Chosen; HSPA's uplink is the narrower one."""
SUBWAY = Underground(
    mean_packets_per_s=packets_per_s(1.2e6),
    spread=0.3,
    memory_s=3.0,
    tunnels_s=((14.0, 24.0), (43.0, 51.0)),
)
"""Riiser et al. (MMSys 2013), section 3.1, Oslo's metro over HSDPA.

"Typically a bit above 1 Mbit/s when the metro is above the ground", with minor variations between
rides; in the tunnels "we were hardly able to receive any data at all". Spread, memory and tunnels:
chosen. Oslo's tunnel lasts to the line's end; here two short ones let a minute hold both states,
and both changes twice.
"""

MMWAVE_UP_SHARE = 0.2
"""Chosen; a phone's own transmitter is weak."""
MMWAVE = Blocked(clear_packets_per_s=packets_per_s(280e6), clear_snr_db=20.0)
"""The blockage law of MacCartney et al. (2017) with its published rates; the clear link: chosen.

Real links of the kind give phones more than 1 Gbit/s (arXiv:2108.00453), of which ten seconds would
be five megabytes of lines. Their blockages last tenths of a second.
"""

WIFI = Contended(
    packets_per_ms=0.7 * 130e6 / PACKET_BITS / 1000, neighbours=12, busy_s=2, quiet_s=2
)
"""Turns on a channel that is never idle, which Jardosh et al. (IMC 2005) call congested.

130 Mbit/s is 802.11n's fastest with two streams in 20 MHz; 70 % of it is left for IP, twelve
neighbours are busy half of the time, in spells of two seconds: chosen.
"""


MODELS = (
    Model(
        "driving-lte",
        same_air(DRIVING, 60_000, DRIVING_UP_SHARE),
        up=Target(1.0, (8.3e6, 10.2e6), (0.44, 0.64), (0.01, 0.08), (2, 8)),
        down=Target(1.0, (27.3e6, 33.3e6), (0.44, 0.64), (0.01, 0.08), (2, 8)),
        seed=36,
    ),
    Model(
        "subway-3g",
        same_air(SUBWAY, 60_000, SUBWAY_UP_SHARE),
        up=Target(1.0, (0.27e6, 0.40e6), (0.6, 0.9), (0.28, 0.34), (1, 6)),
        down=Target(1.0, (0.68e6, 1.0e6), (0.6, 0.9), (0.28, 0.34), (1, 6)),
        seed=1,
    ),
    Model(
        "mmwave",
        same_air(MMWAVE, 10_000, MMWAVE_UP_SHARE),
        up=Target(0.02, (42e6, 53e6), (0.2, 0.5), (0, 0), (0.05, 0.3)),
        down=Target(0.02, (210e6, 265e6), (0.2, 0.5), (0, 0), (0.05, 0.3)),
        seed=1,
    ),
    Model(
        "congested-wifi",
        lambda rng: WIFI.turns(rng, 60_000),
        up=Target(0.1, (8e6, 14e6), (0.5, 1.1), (0, 0.02), (0.05, 1)),
        down=Target(0.1, (8e6, 14e6), (0.5, 1.1), (0, 0.02), (0.05, 1)),
        seed=1,
    ),
)


def write_all(folder: Path) -> list[str]:
    """Write every pair as NAME.up and NAME.down; returns a table of their statistics, by line."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{'trace':<20} {'s':>3} {'mean':>7} {'p10':>7} {'p50':>7} {'p90':>7}  Mbit/s, in bins of"
        "  variation  outages  longest  memory"
    ]
    for model in MODELS:
        targets = {"up": model.up, "down": model.down}
        for (direction, target), trace in zip(targets.items(), model.traces(), strict=True):
            file = folder / f"{model.name}.{direction}"
            save_trace(trace, file)
            lines.append(_line(file.name, trace, target))
    return lines


def _line(name: str, trace: RateTrace, target: Target) -> str:
    found = statistics(trace, target.bin_s)
    rates = (found.mean_bps, found.p10_bps, found.p50_bps, found.p90_bps)
    missed = target.missed(found)
    return (
        f"{name:<20} {trace.period_ms / 1000:>3.0f} "
        + " ".join(f"{rate / 1e6:>7.2f}" for rate in rates)
        + f"  {target.bin_s * 1000:>15.0f} ms  {found.variation:>9.2f}  {found.outage_share:>7.1%}"
        f"  {found.longest_gap_s:>5.2f} s  {found.memory_s:>4.2f} s"
        + (f"  outside its target: {', '.join(missed)}" if missed else "")
    )


def main(arguments: list[str]) -> int:
    """`python -m emulation.traces.models FOLDER`."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m emulation.traces.models FOLDER\n")
        return 2
    sys.stdout.write("\n".join(write_all(Path(arguments[0]))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
