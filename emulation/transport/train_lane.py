"""One direction of a link for whole trains of packets: the law of `lane.py` in closed form.

A `Lane` is offered every packet; a `Path` is a lane that may also be given many at once that follow
one another, at a cost that does not depend on how many. Single packets and trains share its queue,
its rate and its losses: a seed loses the same packets of the same traffic either way.
"""

from collections import deque
from typing import TypeAlias, TypeVar

import numpy as np

from emulation.jitter import deviations
from emulation.lane import Lane
from emulation.loss import NEVER
from emulation.spec import MTU_BYTES, LaneSpec

T = TypeVar("T")
Losses: TypeAlias = list[int]
"""Positions of the packets of a train that do not arrive, in increasing order."""

JITTER_DRAWS = 512
JITTER_REACH = 5.0
"""A packet that departs so many times the jitter before the last one does not arrive after it."""
MOST_JITTERED = 256


class TrainLane(Lane[T]):
    """A lane that also takes trains. opened_s: see `Lane`."""

    __slots__ = (
        "_slowest", "_spec", "_train_rng", "_under_way", "delay_s", "jittery", "lossy",
        "queue_bytes", "s_per_byte",
    )  # fmt: skip

    def __init__(self, spec: LaneSpec, seed: int, opened_s: float = 0.0) -> None:
        super().__init__(spec, seed, opened_s)
        self._spec = spec
        self._train_rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])
        self._slowest: dict[tuple[int, float], list[float]] = {}
        self._under_way: deque[tuple[float, int, int]] = deque()
        rate_bps = spec.mean_rate_bps
        self.s_per_byte = 8 / rate_bps if rate_bps is not None else 0.0
        self.delay_s = spec.delay_s
        self.queue_bytes = spec.queue_bytes
        self.lossy = self._loss is not None
        self.jittery = self._delays is not None

    def losses(self, packets: int, size_bytes: int = MTU_BYTES) -> Losses:
        """Which of the next packets, of that size, are lost at random; only counts them."""
        if self._passes >= packets:
            self._passes -= packets
            return []
        lost, position = [], self._passes
        while position < packets:
            lost.append(position)
            position += 1 + (self._loss.gap() if self._loss is not None else NEVER)
        self._passes = position - packets
        self.offered_packets += len(lost)
        self.offered_bytes += len(lost) * size_bytes
        self.lost_packets += len(lost)
        self.lost_bytes += len(lost) * size_bytes
        return lost

    def train(self, now_s: float, packets: int, size_bytes: int, until_s: float = 0.0) -> float:
        """Serve packets that follow one another from now on; returns when the last is served.

        until_s: the last one is not there to be served before this. Whether they fit the queue is
        for the caller to say, who knows how they come.
        """
        if self._capacity is None:
            free_at_s = self._free_at_s
            served_s = (now_s if now_s > free_at_s else free_at_s) + size_bytes * self.s_per_byte
        else:
            done = self._capacity.bytes_by(now_s - self._opened_s)
            headers = packets * self._capacity.header_bytes
            self._taken_bytes = max(self._taken_bytes, done) + size_bytes + headers
            served_s = max(now_s, self._opened_s + self._capacity.time_of(self._taken_bytes))
        self._free_at_s = served_s = max(served_s, until_s)
        self.offered_packets += packets
        self.offered_bytes += size_bytes
        under_way = self._under_way
        if under_way and under_way[0][0] <= now_s:
            self.settle(now_s)
        under_way.append((served_s + self.delay_s, packets, size_bytes))
        return served_s

    def count(self, packets: int, size_bytes: int) -> None:
        """Count packets that cross without being in anybody's way, as acknowledgements do."""
        self.offered_packets += packets
        self.offered_bytes += size_bytes
        self.delivered_packets += packets
        self.delivered_bytes += size_bytes

    def overflow(self, packets: int) -> None:
        """Count full packets of a train that found no room in the queue."""
        self.offered_packets += packets
        self.offered_bytes += packets * MTU_BYTES
        self.overflowed_packets += packets
        self.overflowed_bytes += packets * MTU_BYTES

    def arrival_s(self, served_s: float, packets: int, gap_s: float | None = None) -> float:
        """When a train is there to its last byte: when its slowest packet is.

        gap_s: between two of them as they leave; full packets at the rate if None.
        """
        if self._delays is None:
            return served_s + self.delay_s
        arrival_s = served_s + self._slowest_s(packets, gap_s)
        if self._heap is None:
            arrival_s = self._last_arrival_s = max(arrival_s, self._last_arrival_s)
        return arrival_s

    def settle(self, now_s: float) -> None:
        """Count what has arrived by now."""
        under_way = self._under_way
        while under_way and under_way[0][0] <= now_s:
            _, packets, size_bytes = under_way.popleft()
            self.delivered_packets += packets
            self.delivered_bytes += size_bytes

    def _slowest_s(self, packets: int, gap_s: float | None) -> float:
        """The delay of a train's last byte behind the service of its last packet.

        Drawn from a table of such maxima, one for each magnitude of the packets that matter.
        """
        spec = self._spec
        if gap_s is None:
            gap_s = MTU_BYTES * self.s_per_byte
        reach = int(JITTER_REACH * spec.jitter_s / gap_s) + 1 if gap_s else packets
        count = 1 << (min(packets, reach, MOST_JITTERED).bit_length() - 1)
        draws = self._slowest.get((count, gap_s))
        if draws is None:
            behind_s = gap_s * np.arange(count)
            spread = deviations(spec.distribution, self._train_rng, JITTER_DRAWS * count)
            delays_s = np.maximum(spec.delay_s + spec.jitter_s * spread, 0.0)
            slowest_s = (delays_s.reshape(JITTER_DRAWS, count) - behind_s).max(axis=1)
            draws = self._slowest[count, gap_s] = slowest_s.tolist()
        return draws[int(self._train_rng.random() * JITTER_DRAWS)]
