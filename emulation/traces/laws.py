"""How the capacity of four kinds of radio link moves: seeded laws, each from a published source.

Each law returns packets a millisecond (of 1500 bytes) as an array, one value a millisecond;
`deliveries` turns such a path into the milliseconds at which packets leave, as a Cox process.
`models.py` holds the parameters of the traces that are shipped.

Only `random.Random.random` is drawn from, whose sequence Python promises to keep between
versions; numpy makes no such promise for its distributions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, exp, log, log2, pi, sqrt
from random import Random
from typing import TypeAlias

import numpy as np

Path: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def exponential(rng: Random, mean: float) -> float:
    """One draw, in the unit of `mean`."""
    return -mean * log(1.0 - rng.random())


def normal(rng: Random) -> float:
    """One draw of mean 0 and deviation 1 (Box and Muller, 1958)."""
    return sqrt(-2.0 * log(1.0 - rng.random())) * cos(2.0 * pi * rng.random())


def deliveries(packets_per_ms: Path, rng: Random) -> tuple[int, ...]:
    """Milliseconds (from 1) at which packets leave: Poisson, given the rate.

    So Winstein, Sivaraman and Balakrishnan model cellular links (Sprout, NSDI 2013). The last one
    lies on the last millisecond, for the last line of a trace is its period.
    """
    reached = np.cumsum(packets_per_ms)
    at_packets: list[float] = []
    sent = exponential(rng, 1.0)
    while sent < reached[-1]:
        at_packets.append(sent)
        sent += exponential(rng, 1.0)
    found: list[int] = (np.searchsorted(reached, at_packets, side="right") + 1).tolist()
    return (*found, len(packets_per_ms))


def _steps(levels: Sequence[float], packets_per_s: float, step_ms: int) -> Path:
    """Shares of a rate, each for a step, as packets a millisecond."""
    return np.repeat(np.array(levels) * (packets_per_s / 1000), step_ms)


@dataclass(frozen=True, slots=True)
class Driving:
    """A phone in a car: Sprout's model of a cellular link.

    The rate makes a Brownian motion below a ceiling; at zero it sticks for an exponential time.
    noise_per_sqrt_s: its deviation after a second, as a share of the ceiling; Sprout uses 200 of
    1000 packets a second. escape_per_s: how readily an outage ends; Sprout's is 1 a second.
    """

    ceiling_packets_per_s: float
    noise_per_sqrt_s: float = 0.2
    escape_per_s: float = 1.0
    step_ms: int = 20

    def path(self, rng: Random, duration_ms: int) -> Path:
        """Packets a millisecond, constant within a step (Sprout's tick of 20 ms)."""
        step_s = self.step_ms / 1000
        deviation = self.noise_per_sqrt_s * sqrt(step_s)
        level = rng.random()  # the long-run law of this motion is uniform
        levels: list[float] = []
        for _ in range(ceil(duration_ms / self.step_ms)):
            stuck = level == 0.0 and rng.random() < exp(-self.escape_per_s * step_s)
            move = normal(rng) * deviation
            if not stuck:
                level = abs(move) if level == 0.0 else max(0.0, level + move)
                level = min(level, 2.0 - level)  # reflected at the ceiling
            levels.append(level)
        return _steps(levels, self.ceiling_packets_per_s, self.step_ms)[:duration_ms]


@dataclass(frozen=True, slots=True)
class Underground:
    """A phone in a metro train: fair reception above the ground, none in the tunnels.

    mean_packets_per_s: above the ground. spread: deviation of the rate's logarithm, which
    wanders (Ornstein-Uhlenbeck) with the time constant memory_s. tunnels_s: (from, to).
    """

    mean_packets_per_s: float
    spread: float
    memory_s: float
    tunnels_s: Sequence[tuple[float, float]]
    step_ms: int = 20

    def path(self, rng: Random, duration_ms: int) -> Path:
        """Packets a millisecond, constant within a step."""
        kept = exp(-self.step_ms / 1000 / self.memory_s)
        fresh = self.spread * sqrt(1.0 - kept * kept)
        wander = self.spread * normal(rng)
        levels: list[float] = []
        for index in range(ceil(duration_ms / self.step_ms)):
            now_s = index * self.step_ms / 1000
            below = any(start <= now_s < end for start, end in self.tunnels_s)
            levels.append(0.0 if below else exp(wander - self.spread**2 / 2))
            wander = kept * wander + fresh * normal(rng)
        return _steps(levels, self.mean_packets_per_s, self.step_ms)[:duration_ms]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A millimetre-wave link among pedestrians: each blocker cuts the beam now and then.

    Four states with straight ramps between them: clear, decaying, shadowed, rising (MacCartney,
    Rappaport and Rangan, GLOBECOM 2017, arXiv:1709.05883; the rates below are theirs for an
    antenna of 7 degrees, as NYU's channel simulator NYUSIM uses them, with five blockers). The
    rate follows Shannon's law, as share of the clear link's.
    """

    clear_packets_per_s: float
    clear_snr_db: float
    blockers: int = 5
    fade_db: float = 15.8
    decay_per_s: float = 0.21
    shadow_per_s: float = 7.88
    rise_per_s: float = 7.70
    clear_per_s: float = 7.67

    def path(self, rng: Random, duration_ms: int) -> Path:
        """Packets a millisecond."""
        fade_db = np.zeros(duration_ms)
        for _ in range(self.blockers):
            fade_db += self.one_blocker_db(rng, duration_ms)
        snr = 10.0 ** ((self.clear_snr_db - fade_db) / 10.0)
        clear = log2(1.0 + 10.0 ** (self.clear_snr_db / 10.0))
        share: Path = np.log2(1.0 + snr) / clear
        return share * (self.clear_packets_per_s / 1000)

    def one_blocker_db(self, rng: Random, duration_ms: int) -> Path:
        """What one passer-by takes away, dB for each millisecond."""
        corners_s, corners_db = [0.0], [0.0]
        while corners_s[-1] * 1000 < duration_ms:
            for rate_per_s, reached_db in (
                (self.decay_per_s, 0.0),  # stays clear until it begins to decay
                (self.shadow_per_s, self.fade_db),
                (self.rise_per_s, self.fade_db),
                (self.clear_per_s, 0.0),
            ):
                corners_s.append(corners_s[-1] + exponential(rng, 1.0 / rate_per_s))
                corners_db.append(reached_db)
        fade: Path = np.interp(np.arange(duration_ms) / 1000, corners_s, corners_db)
        return fade


Law: TypeAlias = Driving | Underground | Blocked


@dataclass(frozen=True, slots=True)
class Contended:
    """One station and its access point on a busy Wi-Fi channel.

    Whoever has something to send wins the channel with equal chance, the long-run fairness of
    IEEE 802.11's distributed coordination function (Bianchi, IEEE JSAC 18(3), 2000), and sends
    one aggregate of up to 5.484 ms (aPPDUMaxTime). Neighbours come and go.
    """

    packets_per_ms: float
    neighbours: int
    busy_s: float
    quiet_s: float
    shortest_ms: float = 1.0
    longest_ms: float = 5.484
    overhead_ms: float = 0.3

    def turns(self, rng: Random, duration_ms: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Deliveries of the station (up) and of the access point (down), milliseconds from 1.

        A whole aggregate is delivered when its turn ends, as the receiver acknowledges it.
        """
        mean_s = (self.quiet_s, self.busy_s)
        busy = [int(rng.random() * sum(mean_s) < self.busy_s) for _ in range(self.neighbours)]
        changes_s = [exponential(rng, mean_s[state]) for state in busy]
        up: list[int] = []
        down: list[int] = []
        now_ms = 0.0
        while True:
            for index, change_s in enumerate(changes_s):
                if change_s * 1000 <= now_ms:
                    busy[index] = 1 - busy[index]
                    changes_s[index] = now_ms / 1000 + exponential(rng, mean_s[busy[index]])
            winner = int(rng.random() * (2 + sum(busy)))
            lasting_ms = self.shortest_ms + rng.random() * (self.longest_ms - self.shortest_ms)
            now_ms += self.overhead_ms + lasting_ms
            if now_ms >= duration_ms:
                return (*up, duration_ms), (*down, duration_ms)
            if winner < 2:
                packets = max(1, int(lasting_ms * self.packets_per_ms))
                (up, down)[winner].extend([ceil(now_ms)] * packets)
