"""A half that stands for a device: it computes, and then waits until the device would be done.

A device is a law of compute. A real half really does each stage, so that what it sends is real, and
goes on when the stage's time on the device is over. Where the host took longer than that, the stage
is an overrun: it is counted, and so is by how much.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from testbed.channel.survey import Tally
from testbed.halves.machine import Clock
from testbed.lifecycle.messages import Payload

Stage = Literal["head", "encode", "decode", "tail"]
EDGE_STAGES: tuple[Stage, ...] = ("head", "encode")
SERVER_STAGES: tuple[Stage, ...] = ("decode", "tail")

WAKING_S = 1e-4
"""A wait that ends later than this was disturbed; below it, waking takes as long as it does."""


class Law(Protocol):
    """Seconds, medians, of one device and one network."""

    def compute_s(self, start: int, stop: int, image_px: int) -> float:
        """Blocks `start` to `stop` - 1; image_px: height x width of the camera image."""
        ...

    def encode_s(self, codec: str, shape: tuple[int, ...]) -> float:
        """Of something of that decoded shape."""
        ...

    def decode_s(self, codec: str, shape: tuple[int, ...]) -> float:
        """To something of that shape."""
        ...

    def transport_s(self, payload_bytes: int) -> float:
        """Sending a request and receiving its reply, or the other way round."""
        ...

    def factor(self, share: float) -> float:
        """Time over median at that quantile."""
        ...


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

    def head_s(self, cut: int, image_shape: Sequence[int]) -> float:
        """The blocks before a cut, on a camera image."""
        return self._law.compute_s(0, cut, image_shape[0] * image_shape[1])

    def encode_s(self, payload: Payload) -> float:
        """What crosses the link, encoded and sent."""
        law, size_bytes = self._law, memoryview(payload.buffer).nbytes
        return law.encode_s(payload.codec, payload.shape) + law.transport_s(size_bytes)

    def decode_s(self, payload: Payload) -> float:
        """What crosses the link, received and decoded."""
        law, size_bytes = self._law, memoryview(payload.buffer).nbytes
        return law.decode_s(payload.codec, payload.shape) + law.transport_s(size_bytes)

    def tail_s(self, cut: int, shape: Sequence[int]) -> float:
        """The blocks behind a cut, on something of that shape: at cut 0, a camera image."""
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
        self._tallies: dict[Stage, Tally] = {}

    def begin(self) -> None:
        """A request comes next."""
        self.overruns, self.overrun_s = 0, 0.0
        self._factor = self.device.factor(self._random.random())

    def hold(self, stage: Stage, began_s: float, median_s: float) -> None:
        """A stage is done that takes the device `median_s`: wait until it would be done there."""
        clock, lasts_s = self._clock, median_s * self._factor
        late_s = clock.now_s() - began_s - lasts_s
        if late_s <= 0:
            clock.wait_until(began_s + lasts_s)
            late_s = clock.now_s() - began_s - lasts_s
            if late_s <= WAKING_S:
                late_s = 0.0
        overran = late_s > 0
        self.overruns += overran
        self.overrun_s += late_s
        self._tallies[stage] = self.tally(stage).plus(Tally(1, int(overran), late_s, lasts_s))

    def tally(self, stage: Stage) -> Tally:
        """That stage, in all requests since the last `forget`."""
        return self._tallies.get(stage, Tally())

    def forget(self) -> None:
        """Count anew."""
        self._tallies.clear()
