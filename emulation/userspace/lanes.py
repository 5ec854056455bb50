"""Both directions of a link in wall time, and the count of bytes the edge's meter reads."""

import mmap
from pathlib import Path

from emulation.lane import lane_seeds
from emulation.meter import COUNTERS
from emulation.spec import LinkSpec
from emulation.userspace.carrier import Carrier
from emulation.userspace.pacer import Pacer


class Lanes:
    """Up is edge to server. Every connection and datagram of the link shares these two."""

    def __init__(self, pacer: Pacer, spec: LinkSpec, seed: int, meter: Path) -> None:
        """meter: an existing file of 16 bytes, see `meter.MmapMeter`."""
        up_seed, down_seed = lane_seeds(seed)
        self.pacer = pacer
        self.up = Carrier(pacer, spec.uplink, up_seed, self._count)
        self.down = Carrier(pacer, spec.downlink, down_seed, self._count)
        self.congestion_control = spec.congestion_control
        with meter.open("r+b") as file:
            self._meter = mmap.mmap(file.fileno(), COUNTERS.size)

    def _count(self) -> None:
        sent_up, received_down = self.up.lane.offered_bytes, self.down.lane.delivered_bytes
        COUNTERS.pack_into(self._meter, 0, sent_up, received_down)
