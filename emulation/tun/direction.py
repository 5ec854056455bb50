"""One way across for packets: read at a TUN device, through a lane, written to another one."""

import errno
import os
from dataclasses import asdict
from time import perf_counter
from typing import Any

from emulation.lane import Lane, LaneCounters
from emulation.tun.device import TX_QUEUE_PACKETS

BURST_PACKETS = 64
"""Read at most so many before looking at what is due: 0.2 ms of work."""
EARLY_S = 20e-6
"""A packet may leave this much early: polling for the exact moment costs more than it gives."""
LATE_S = 1e-3
"""From here on a delay that was not asked for is counted."""
USUAL_ROOM_BYTES, LARGEST_ROOM_BYTES = 32_768, 65_536
"""Read at most so much of a packet: IP has none above 65,535 bytes, and an interface's MTU may be
changed at any time. The usual room costs no more than that for 1500 bytes; the largest does."""
DROPPED = (errno.EIO, errno.ENETDOWN, errno.ENOBUFS, errno.EAGAIN, errno.EINVAL)
"""What a device answers that takes no packet now: it is down (EIO, Linux's tun_get_user), or full;
or none of such a kind."""


class Direction:
    """One way across: read at one device, through a lane, written to the other.

    lane: the present one.
    """

    def __init__(self, lane: Lane[bytes], source: int, target: int) -> None:
        self.lane = lane
        self.source = source
        self._target = target
        self._before = LaneCounters()
        self._room_bytes = USUAL_ROOM_BYTES
        self.read_late_packets = self.left_late_packets = 0
        self.cut_packets = self.refused_packets = 0
        self.departed_s = self.most_late_s = 0.0

    def renew(self, lane: Lane[bytes]) -> None:
        """Go on with another lane; what is in the present one, or waits for it, is dropped."""
        now_s = perf_counter()
        for _ in range(TX_QUEUE_PACKETS // BURST_PACKETS + 1):
            if not self.collect(now_s, late=False):
                break
        self._before += self.lane.counters()
        self.lane = lane

    def collect(self, since_s: float, *, late: bool) -> bool:
        """Offer the packets that wait at the device; the first one since `since_s`.

        Returns whether there may be more.
        """
        read, source, offer, clock = os.read, self.source, self.lane.offer, perf_counter
        offered_before, room_bytes = self.lane.offered_packets, self._room_bytes
        more = True
        try:
            for _ in range(BURST_PACKETS):
                packet = read(source, room_bytes)
                size_bytes = len(packet)
                if size_bytes == room_bytes:  # the rest of it is lost, and so it is
                    self.cut_packets += 1
                    self._room_bytes = room_bytes = LARGEST_ROOM_BYTES
                    continue
                offer(since_s, size_bytes, packet)
                since_s = clock()
        except BlockingIOError:
            more = False
        if late:
            self.read_late_packets += self.lane.offered_packets - offered_before
        return more

    def deliver(self, now_s: float) -> float:
        """Write what is due; returns when the next one will be, infinity if there is none."""
        self.lane.decide(now_s + EARLY_S)
        due_s = self.lane.next_due_s()
        if due_s > now_s + EARLY_S:
            return due_s
        write, target = os.write, self._target
        packets = self.lane.due(now_s + EARLY_S)
        for packet in packets:
            try:
                write(target, packet)
            except OSError as error:
                if error.errno not in DROPPED:
                    raise
                self.refused_packets += 1
        self.departed_s = now_s
        late_s = now_s - due_s
        if late_s > LATE_S:
            self.left_late_packets += len(packets)
        self.most_late_s = max(self.most_late_s, late_s)
        return self.lane.next_due_s()

    def describe(self) -> dict[str, Any]:
        """All counters of all lanes so far; late means by more than 1 ms.

        Late reading is known only of packets that came while the ferry was busy or overslept.
        Refused were those for a device that was down, and cut those too large to be read whole.
        """
        return asdict(self._before + self.lane.counters()) | {
            "read_late_packets": self.read_late_packets,
            "left_late_packets": self.left_late_packets,
            "most_late_s": self.most_late_s,
            "refused_packets": self.refused_packets,
            "cut_packets": self.cut_packets,
        }
