"""A half that stands for a device: it computes, and then waits until the device would be done.

A device is a law of compute. A real half really does each stage, so that what it sends is real, and
goes on when the stage's time on the device is over. Where the host took longer than that, the stage
is an overrun: it is counted, and so is by how much. What lies between two stages of a request is
the instrument's own: the device begins the next when it was done with the last. What handing
messages over takes the host comes on top; the floor of a run tells how much that is.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Literal, Self

import numpy as np

from testbed.channel.survey import Tally
from testbed.config.scenario import HOST
from testbed.devices.find import law_for
from testbed.devices.law import Law
from testbed.halves.machine import Clock
from testbed.lifecycle.messages import Payload
from testbed.network import Network
from testbed.results.record import RequestRecord

Stage = Literal["head", "encode", "fallback", "decode", "tail"]
SERVER_STAGES: tuple[Stage, ...] = ("decode", "tail")

GRAIN_S = 5e-5
"""A stage that ends less than this after the device would have done it ends when it would."""
OVERRUN_S, OVERRUN_SHARE = 5e-4, 0.01
"""A stage that is later than this, and than this share of it, is an overrun; what is less late only
adds to the time. On a shared host the instrument's own floor varies by as much."""


def name_of(device: str) -> str:
    """What halves on two machines call a scenario's device; empty where it is the host."""
    return "" if device == HOST else Path(device).name


class StageLaw:
    """What each stage of a request takes on a device: medians, in seconds.

    What the transport costs is paid before sending, with the encoding, and at the server before
    the decoding.
    """

    def __init__(self, name: str, law: Law, blocks: int) -> None:
        """blocks: how many the network has."""
        self.name = name
        self.factor = law.factor
        self._law, self._blocks = law, blocks

    @classmethod
    def of(cls, device: str, network: Network) -> Self | None:
        """As a scenario names the device; None for the host. Raises BadInput as `law_for`."""
        if device == HOST:
            return None
        return cls(name_of(device), law_for(device, network), len(network.blocks))

    def head_s(self, cut: int, image_shape: Sequence[int], resize_px: int) -> float:
        """The blocks before a cut, on a camera image; resize_px: as a deployment has it."""
        image_px = image_shape[0] * image_shape[1]
        if resize_px:
            return self._law.resize_s(image_px, resize_px)
        return self._law.compute_s(0, cut, image_px)

    def encode_s(self, payload: Payload) -> float:
        """What crosses the link, encoded and sent."""
        law, size_bytes = self._law, memoryview(payload.buffer).nbytes
        return law.encode_s(payload.codec, payload.shape) + law.transport_s(size_bytes)

    def decode_s(self, payload: Payload) -> float:
        """What crosses the link, received and decoded."""
        law, size_bytes = self._law, memoryview(payload.buffer).nbytes
        return law.decode_s(payload.codec, payload.shape) + law.transport_s(size_bytes)

    def tail_s(self, cut: int, shape: Sequence[int]) -> float:
        """The blocks behind a cut. shape: at cut 0, of the camera image; else it has no say."""
        return self._law.compute_s(cut, self._blocks, 0 if cut else shape[0] * shape[1])


class Pacer:
    """Makes each stage of one half last as long as it would on a device.

    overruns, overrun_s: of the present request, how many stages and by how much in all.
    """

    def __init__(self, device: StageLaw, random: np.random.Generator, clock: Clock) -> None:
        """random: how far from its median each request is, alike in all its stages."""
        self.device = device
        self.overruns, self.overrun_s = 0, 0.0
        self._random, self._clock = random, clock
        self._factor = 1.0
        self._done_s = -inf
        self._tallies: dict[Stage, Tally] = {}

    def begin(self) -> None:
        """A request comes next."""
        self.overruns, self.overrun_s = 0, 0.0
        self._factor = self.device.factor(self._random.random())
        self._done_s = -inf

    @property
    def factor(self) -> float:
        """How far from its median the present request is."""
        return self._factor

    def resume(self, factor: float, record: RequestRecord) -> None:
        """The request of that factor, which had begun before others, goes on."""
        self.overruns, self.overrun_s = record.overruns, record.edge_overrun_s
        self._factor, self._done_s = factor, -inf

    def start(self) -> float:
        """A stage begins; returns when."""
        self._clock.run_first(False)
        return self._clock.now_s()

    def hold(
        self,
        stage: Stage,
        began_s: float,
        median_s: float,
        wait_until: Callable[[float], None],
    ) -> None:
        """A stage is done that takes the device `median_s`: wait until it would be done there."""
        clock, lasts_s = self._clock, median_s * self._factor
        if began_s - self._done_s < OVERRUN_S:
            began_s = self._done_s
        self._done_s = began_s + lasts_s
        clock.run_first(True)
        wait_until(self._done_s)
        late_s = clock.now_s() - self._done_s
        overran = late_s > max(OVERRUN_S, OVERRUN_SHARE * lasts_s)
        late = Tally(1, int(overran), late_s if late_s > GRAIN_S else 0.0, lasts_s)
        self.overruns += late.overruns
        self.overrun_s += late.overrun_s
        self._tallies[stage] = self._tallies.get(stage, Tally()).plus(late)

    def tallies(self) -> Mapping[Stage, Tally]:
        """Each stage that there was, in all requests since the last `forget`."""
        return dict(self._tallies)

    def forget(self) -> None:
        """Count anew."""
        self._tallies.clear()
