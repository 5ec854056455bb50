"""What each stage of one network takes on one device: medians, in seconds."""

from itertools import accumulate
from typing import Any, Protocol

from testbed.devices.device import Device
from testbed.devices.tables import at, decoded_bytes
from testbed.errors import BadInput
from testbed.network import HEADS, HIDDEN, RESIZE


class Subject(Protocol):
    """What a law asks of a network; `testbed.network.Network` is one."""

    @property
    def backbone(self) -> str:
        """torchvision's name."""
        ...

    @property
    def input_px(self) -> int:
        """Side of what `RESIZE` makes."""
        ...

    @property
    def head_weights(self) -> int:
        """Of all task heads together."""
        ...

    @property
    def hidden_weights(self) -> int:
        """Of the heads' first layers."""
        ...

    @property
    def tasks(self) -> tuple[str, ...]:
        """One head each."""
        ...

    @property
    def blocks(self) -> tuple[str, ...]:
        """`RESIZE`, the backbone, `HIDDEN` or not, `HEADS`."""
        ...


class Law:
    """Of ONE device and ONE network. Plain arithmetic, the same on every processor."""

    def __init__(self, device: Device, network: Subject) -> None:
        """Raises BadInput for a backbone, or blocks of it, that the device's file has not."""
        self.device = device
        self._tables, self._scales = device.tables, device.scales
        backbone = device.backbone(network.backbone)
        wanted = [name for name in network.blocks if name not in (RESIZE, HIDDEN, HEADS)]
        if unknown := [name for name in wanted if name not in backbone.blocks]:
            raise BadInput(
                f"device {device.name}: found no block {unknown[0]} in its {network.backbone}, "
                f"allowed: {', '.join(backbone.blocks)}"
            )
        heads_s = backbone.heads_s(len(network.tasks), network.head_weights)
        blocks_s = [backbone.block_s(name, network.input_px) for name in wanted]
        times = self._scales["compute"].times
        until_s = [0.0, *accumulate([0.0, *(times * block_s for block_s in blocks_s)])]
        if HIDDEN in network.blocks:
            share = network.hidden_weights / network.head_weights
            until_s.append(until_s[-1] + share * times * heads_s)
        self._until_s = (*until_s, until_s[1 + len(blocks_s)] + times * heads_s)
        self._input_px = network.input_px

    def compute_s(self, start: int, stop: int, image_px: int) -> float:
        """Blocks `start` to `stop` - 1 of `Network.blocks`.

        image_px: pixels of the camera image (height times width); counts where RESIZE is among
        them.
        """
        resize_s = self.resize_s(image_px, self._input_px) if start == 0 < stop else 0.0
        return resize_s + self._until_s[stop] - self._until_s[start]

    def resize_s(self, image_px: int, side_px: int) -> float:
        """A camera image of so many pixels to a square; nothing where it has that size already."""
        if image_px == side_px**2:
            return 0.0
        return self._scales["image"].times * self._tables.resize.resize_s(image_px, side_px)

    def encode_s(self, codec: str, shape: tuple[int, ...]) -> float:
        """codec: as `testbed.codecs` names it. shape: of what crosses, decoded."""
        costs = self._tables.codecs[codec]
        return self._scales["image"].times * at(costs.encode, decoded_bytes(codec, shape))

    def decode_s(self, codec: str, shape: tuple[int, ...]) -> float:
        """As `encode_s`, the other way."""
        costs = self._tables.codecs[codec]
        return self._scales["image"].times * at(costs.decode, decoded_bytes(codec, shape))

    def transport_s(self, payload_bytes: int) -> float:
        """Sending a request and receiving its reply: ZeroMQ, headers, TCP. One end's share."""
        return self._scales["transport"].times * at(self._tables.transport, payload_bytes)

    def factor(self, share: float) -> float:
        """Spread: time to median at that quantile, share in 0..1."""
        return at(self._tables.spread, share)

    def facts(self) -> dict[str, Any]:
        """The device as summary.json says it."""
        return self.device.facts()
