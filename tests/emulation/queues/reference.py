"""CoDel as RFC 8289 prints it, packet by packet: what the lane's CoDel is compared with.

A queue in front of a server of constant rate, driven by events; nothing of it is shared with
`emulation`.
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf, sqrt

MAXPACKET = 1500


@dataclass
class Packet:
    number: int
    size_bytes: int
    tstamp: float


@dataclass
class ReferenceCoDel:
    """Section 5 of the RFC; times in seconds."""

    target: float = 0.005
    interval: float = 0.1
    queue: deque[Packet] = field(default_factory=deque)
    dropped: list[int] = field(default_factory=list)
    first_above_time: float = 0.0
    drop_next: float = 0.0
    count: int = 0
    lastcount: int = 0
    dropping: bool = False

    def control_law(self, t: float, count: int) -> float:
        return t + self.interval / sqrt(count)

    def dodequeue(self, now: float) -> tuple[Packet | None, bool]:
        if not self.queue:
            self.first_above_time = 0
            return None, False
        packet = self.queue.popleft()
        left = sum(waiting.size_bytes for waiting in self.queue)
        if now - packet.tstamp < self.target or left <= MAXPACKET:
            self.first_above_time = 0
            return packet, False
        if self.first_above_time == 0:
            self.first_above_time = now + self.interval
            return packet, False
        return packet, now >= self.first_above_time

    def dequeue(self, now: float) -> Packet | None:
        packet, ok_to_drop = self.dodequeue(now)
        if self.dropping:
            if not ok_to_drop:
                self.dropping = False
            while now >= self.drop_next and self.dropping:
                assert packet is not None
                self.dropped.append(packet.number)
                self.count += 1
                packet, ok_to_drop = self.dodequeue(now)
                if not ok_to_drop:
                    self.dropping = False
                else:
                    self.drop_next = self.control_law(self.drop_next, self.count)
        elif ok_to_drop:
            assert packet is not None
            self.dropped.append(packet.number)
            packet, ok_to_drop = self.dodequeue(now)
            self.dropping = True
            delta = self.count - self.lastcount
            self.count = 1
            if delta > 1 and now - self.drop_next < 16 * self.interval:
                self.count = delta
            self.drop_next = self.control_law(now, self.count)
            self.lastcount = self.count
        return packet


def reference_run(
    codel: ReferenceCoDel, rate_bps: float, limit_bytes: int, offered: list[tuple[float, int]]
) -> tuple[list[tuple[int, float]], list[int], list[int]]:
    """(number, served at) of each packet served; numbers dropped by CoDel; and by a full queue.

    offered: (time, size) of each packet, in order.
    """
    served: list[tuple[int, float]] = []
    refused: list[int] = []
    free_at, in_service = 0.0, 0.0
    arrivals = deque(enumerate(offered))
    while arrivals or codel.queue:
        arrival_s = arrivals[0][1][0] if arrivals else inf
        turn_s = max(free_at, codel.queue[0].tstamp) if codel.queue else inf
        if turn_s <= arrival_s:
            packet = codel.dequeue(turn_s)
            if packet is not None:
                in_service = packet.size_bytes * 8 / rate_bps
                free_at = turn_s + in_service
                served.append((packet.number, free_at))
            continue
        number, (now, size_bytes) = arrivals.popleft()
        waiting = sum(packet.size_bytes for packet in codel.queue)
        backlog = waiting + max(0.0, free_at - now) * rate_bps / 8
        if backlog + size_bytes > limit_bytes + 0.01:
            refused.append(number)
        else:
            codel.queue.append(Packet(number, size_bytes, now))
    return served, codel.dropped, refused
