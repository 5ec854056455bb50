"""One direction of a link for whole trains of packets, by the same parts as for single ones.

A `Lane` is offered every packet; a `TrainLane` is a lane that may also be given many at once that
follow one another, at a cost that does not depend on how many unless its queue has a policy that
looks at each. Single packets and trains share its queue, its rate and its losses: a seed loses the
same packets of the same traffic either way.
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, TypeAlias, TypeVar, cast

import numpy as np

from emulation.lane import Dropped, Lane
from emulation.lane.jitter import deviations
from emulation.lane.loss import NEVER
from emulation.lane.service import ManagedQueue
from emulation.spec import MTU_BYTES, LaneSpec

T = TypeVar("T")
Losses: TypeAlias = list[int]
"""Positions of the packets of a train that do not arrive, in increasing order."""

JITTER_DRAWS = 512
JITTER_REACH = 5.0
"""A packet that departs so many times the jitter before the last one does not arrive after it."""
MOST_JITTERED = 256
MOST_EXPECTED = 4096
"""Trains of acknowledgements; where nothing else is ever sent that they could be in front of, the
oldest are forgotten."""


@dataclass(slots=True)
class _SingleFile:
    """A train whose packets cross one by one.

    ahead: packets of others that wait before it. waiting: its positions in the queue. dropped: its
    positions that are lost. packets, size_bytes, served_s: of it that were served so far, and when.
    """

    ahead: int
    dropped: Losses
    served_s: float
    waiting: deque[int] = field(default_factory=deque)
    packets: int = 0
    size_bytes: int = 0


class ExpectedAcks(NamedTuple):
    """Acknowledgements that are sent from `first_s` on, one every `gap_s`, the last at `last_s`.

    size_bytes: of all, where they are too many for the rate; 0 where they are in nobody's way.
    """

    first_s: float
    last_s: float
    packets: int
    gap_s: float
    size_bytes: int


class TrainLane(Lane[T]):
    """A lane that also takes trains; see `Lane` for what it is made from."""

    __slots__ = (
        "_slowest", "_spec", "_train_rng", "_under_way", "delay_s", "expected", "jittery", "lossy",
        "managed", "packet_s", "queue_bytes", "s_per_byte",
    )  # fmt: skip

    def __init__(
        self, spec: LaneSpec, seed: int, opened_s: float = 0, dropped: Dropped[T] = lambda _: None
    ) -> None:
        super().__init__(spec, seed, opened_s, dropped)
        self._spec = spec
        self._train_rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])
        self._slowest: dict[tuple[int, float | None], list[float]] = {}
        self._under_way: deque[tuple[float, int, int]] = deque()
        self.expected: deque[ExpectedAcks] = deque(maxlen=MOST_EXPECTED)
        rate_bps = spec.mean_rate_bps
        self.s_per_byte = 8 / rate_bps if rate_bps is not None else 0.0
        self.packet_s = MTU_BYTES * self.s_per_byte
        self.delay_s = spec.delay_s
        self.queue_bytes = spec.queue_bytes
        self.lossy = self._passes < NEVER
        self.jittery = self._jitter is not None
        self.managed = self._managed is not None

    @property
    def offered_packets(self) -> int:
        """Trains included."""
        return super().offered_packets + sum(packets for _, packets, _ in self._under_way)

    def losses(self, packets: int, size_bytes: int = MTU_BYTES) -> Losses:
        """Which of the next packets, of that size, are lost at random; only counts them."""
        if self._passes >= packets:
            self._passes -= packets
            return []
        lost, position = [], self._passes
        while position < packets:
            lost.append(position)
            position += 1 + next(self._gaps, NEVER)
        self._passes = position - packets
        self.offered_bytes += len(lost) * size_bytes
        self.lost_packets += len(lost)
        self.lost_bytes += len(lost) * size_bytes
        return lost

    def train(self, now_s: float, packets: int, size_bytes: int, until_s: float = 0.0) -> float:
        """Serve packets that follow one another from now on; returns when the last is served.

        until_s: the last one is not there to be served before this. Whether they fit the queue is
        for the caller to say, who knows how they come.
        """
        served_s = self._service.serve(now_s, packets, size_bytes)
        if served_s < until_s:
            self._service.free_at_s = served_s = until_s
        self.offered_bytes += size_bytes
        self._set_out(now_s, served_s, packets, size_bytes)
        return served_s

    def cross(self, now_s: float, size_bytes: int) -> float:
        """When one packet that is not lost, sent now, is at the far end."""
        self.catch_up(now_s)
        return self.arrival_s(self.train(now_s, 1, size_bytes), 1)

    def catch_up(self, now_s: float) -> None:
        """Let the `expected` acknowledgements cross that have been sent by now.

        They are known of when the data they answer is put on its way, which may be seconds before
        they are sent: what the other end says until then does not wait for them.
        """
        expected = self.expected
        while expected and expected[0].last_s <= now_s:
            acks = expected.popleft()
            if acks.size_bytes:
                self.train(acks.first_s, acks.packets, acks.size_bytes)
            if self.jittery:
                self.arrival_s(acks.last_s, acks.packets, acks.gap_s)

    def one_by_one(
        self, at_s: float, gap_s: float, packets: int, spare_bytes: int, lost: Losses
    ) -> tuple[Losses, float]:
        """A train of full packets, the last `spare_bytes` short, through a queue with a policy.

        They come one every `gap_s` from `at_s` on, but for those that are `lost` already. Returns
        the latter and those that the queue has dropped, and when the last one is served.
        """
        queue = self._managed
        if queue is None:
            raise ValueError("this queue has no policy: its trains cross whole")
        self.decide(at_s)
        train = _SingleFile(ahead=len(queue), dropped=list(lost), served_s=at_s)
        taken = set(lost)
        for position in range(packets):
            if position in taken:
                continue
            now_s = at_s + position * gap_s
            self._decide_about(train, queue, now_s)
            size_bytes = MTU_BYTES - (spare_bytes if position == packets - 1 else 0)
            self.offered_bytes += size_bytes
            if queue.enter(now_s, size_bytes, cast(T, None)):
                train.waiting.append(position)
            else:
                self._overflow(size_bytes)
                train.dropped.append(position)
        self._decide_about(train, queue, inf, early=True)
        self._set_out(at_s, train.served_s, train.packets, train.size_bytes)
        return sorted(train.dropped), train.served_s

    def _decide_about(
        self, train: "_SingleFile", queue: ManagedQueue[T], until_s: float, early: bool = False
    ) -> None:
        """What the queue decides by then, about packets ahead of a train and those of it."""
        while queue and (turn_s := queue.next_s()) <= until_s:
            packet, served_s = queue.decide(turn_s, early)
            if train.ahead:
                train.ahead -= 1
                self._decided(packet, served_s)
                continue
            position = train.waiting.popleft()
            if served_s is None:
                self._overflow(packet.size_bytes)
                train.dropped.append(position)
            else:
                train.served_s = served_s
                train.packets += 1
                train.size_bytes += packet.size_bytes

    def count(self, packets: int, size_bytes: int) -> None:
        """Count packets that cross without being in anybody's way, as acknowledgements do."""
        self.offered_bytes += size_bytes
        self.delivered_packets += packets
        self.delivered_bytes += size_bytes

    def overflow(self, packets: int) -> None:
        """Count full packets of a train that found no room in the queue."""
        self.offered_bytes += packets * MTU_BYTES
        self.overflowed_packets += packets
        self.overflowed_bytes += packets * MTU_BYTES

    def arrival_s(self, served_s: float, packets: int, gap_s: float | None = None) -> float:
        """When a train is there to its last byte: when its slowest packet is.

        gap_s: between two of them as they leave; full packets at the rate if None.
        """
        if self._jitter is None:
            return served_s + self.delay_s
        return self._jitter.in_turn(served_s + self._slowest_s(packets, gap_s))

    def settle(self, now_s: float) -> None:
        """Count what has arrived by now."""
        under_way = self._under_way
        while under_way and under_way[0][0] <= now_s:
            _, packets, size_bytes = under_way.popleft()
            self.delivered_packets += packets
            self.delivered_bytes += size_bytes

    def _set_out(self, now_s: float, served_s: float, packets: int, size_bytes: int) -> None:
        under_way = self._under_way
        if under_way and under_way[0][0] <= now_s:
            self.settle(now_s)
        under_way.append((served_s + self.delay_s, packets, size_bytes))

    def _slowest_s(self, packets: int, gap_s: float | None) -> float:
        """The delay of a train's last byte behind the service of its last packet.

        Drawn from a table of such maxima, one for each magnitude of the packets that matter.
        """
        draws = self._slowest.get((packets, gap_s))
        if draws is None:
            draws = self._slowest[packets, gap_s] = self._draw_slowest(packets, gap_s)
        return draws[int(self._train_rng.random() * JITTER_DRAWS)]

    def _draw_slowest(self, packets: int, gap_s: float | None) -> list[float]:
        spec = self._spec
        if gap_s is None:
            gap_s = self.packet_s
        reach = int(JITTER_REACH * spec.jitter_s / gap_s) + 1 if gap_s else packets
        count = 1 << (min(packets, reach, MOST_JITTERED).bit_length() - 1)
        if (of_magnitude := (count, gap_s)) not in self._slowest:
            behind_s = gap_s * np.arange(count)
            spread = deviations(spec.distribution, self._train_rng, JITTER_DRAWS * count)
            delays_s = np.maximum(spec.delay_s + spec.jitter_s * spread, 0.0)
            slowest_s = (delays_s.reshape(JITTER_DRAWS, count) - behind_s).max(axis=1)
            self._slowest[of_magnitude] = slowest_s.tolist()
        return self._slowest[of_magnitude]
