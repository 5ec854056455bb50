"""The process that carries packets between two TUN devices: `python -m emulation.ferry`.

Standard input brings one JSON object a line, standard output answers with one a line: first what
to be (`link`, `seed`, `ends`, `packet_log`), then what to do (`start`, `describe`). It ends with
its standard input, so it cannot outlive whoever started it.

    edge's TUN ─read─> uplink lane ─write─> server's TUN      and back through the downlink lane
"""

import gc
import json
import os
import signal
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np

from emulation import packet_log
from emulation.alarm import Alarm, prefer_this_process
from emulation.lane import Lane
from emulation.spec import MTU_BYTES, LinkSpec
from emulation.spec_json import link_from_json
from emulation.tun_device import open_tun

BURST_PACKETS = 64
"""Read at most so many before looking at what is due: 0.2 ms of work."""
EARLY_S = 20e-6
"""A packet may leave this much early; polling for the exact moment would cost more than it gives."""
PACE_S = 100e-6
"""After a departure, do not wake up for another before this: faster than 100 Mbit/s, waking for
every packet would take a whole core. Packets leave up to this much late then."""
LATE_S = 1e-3
"""From here on a delay that was not asked for is counted."""

_CONTROL, _ANSWERS = 0, 1


class Direction:
    """One way across: read at one device, through a lane, written to the other."""

    def __init__(
        self, lane: Lane[bytes], offer: packet_log.Offer, source: int, target: int
    ) -> None:
        self.lane = lane
        self._offer = offer
        self._source = source
        self._target = target
        self.read_late_packets = self.left_late_packets = 0
        self.latest_departure_s = 0.0

    def collect(self, since_s: float, *, late: bool) -> None:
        """Offer the packets that wait at the device; the first one since `since_s`."""
        read, source, offer, clock = os.read, self._source, self._offer, perf_counter
        offered_before = self.lane.offered_packets
        try:
            for _ in range(BURST_PACKETS):
                packet = read(source, MTU_BYTES)
                offer(since_s, len(packet), packet)
                since_s = clock()
        except BlockingIOError:
            pass
        if late:
            self.read_late_packets += self.lane.offered_packets - offered_before

    def deliver(self, now_s: float) -> float | None:
        """Write what is due; returns when the next one will be, None if there is none."""
        due_s = self.lane.next_due_s()
        if due_s is None or due_s > now_s + EARLY_S:
            return due_s
        write, target = os.write, self._target
        packets = self.lane.due(now_s + EARLY_S)
        for packet in packets:
            write(target, packet)
        late_s = now_s - due_s
        if late_s > LATE_S:
            self.left_late_packets += len(packets)
        if late_s > self.latest_departure_s:
            self.latest_departure_s = late_s
        return self.lane.next_due_s()

    def describe(self) -> dict[str, Any]:
        """All counters at this moment; late means by more than 1 ms."""
        return asdict(self.lane.counters()) | {
            "read_late_packets": self.read_late_packets,
            "left_late_packets": self.left_late_packets,
            "latest_departure_s": self.latest_departure_s,
        }


class Ferry:
    """Both directions, and the owner who may ask how they are."""

    def __init__(self, uplink: Direction, downlink: Direction, edge: int, server: int) -> None:
        self._uplink = uplink
        self._downlink = downlink
        self._by_device = {edge: uplink, server: downlink}
        self._alarm = Alarm([edge, server, _CONTROL])
        self._scheduling = prefer_this_process()
        self._looked_s = perf_counter()

    def carry(self) -> None:
        """Carry packets until standard input ends."""
        uplink, downlink, wait = self._uplink, self._downlink, self._alarm.wait
        while True:
            now_s = perf_counter()
            due_s = _earlier(uplink.deliver(now_s), downlink.deliver(now_s))
            if due_s is not None:
                due_s = max(due_s - EARLY_S, now_s + PACE_S) if due_s 
