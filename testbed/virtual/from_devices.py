"""Rows for virtual time from named devices: their laws, and what crosses the link.

A stage of a row takes the law's median times the device's factor at one share of its spread. Each
half has every share once, in an order of its own, and one share a request: a slow moment of a
machine is slow for all it does then. Shuffled whole numbers and plain arithmetic, no drawn
quantity: the same on every processor.
"""

from functools import partial
from typing import Any

import numpy as np

from testbed.config.scenario import HOST, Scenario
from testbed.config.seeds import seed_for
from testbed.devices.find import law_for
from testbed.devices.law import Law
from testbed.errors import BadInput
from testbed.virtual.content import Content, Contents, Crossing
from testbed.virtual.repertoire import Repertoire, Stages


class DeviceRepertoire(Repertoire):
    """of_devices: edge and server -> the device, as `Law.facts` says it."""

    of_devices: dict[str, dict[str, Any]]

    def facts(self) -> dict[str, Any]:
        """Nothing was measured."""
        return {"reckoned": {"from": "devices", "rows": len(self)}}

    def devices(self) -> dict[str, Any]:
        """Their scales, with the uncertainty of each."""
        return self.of_devices


def names_devices(scenario: Scenario) -> bool:
    """Whether both halves stand for named devices. Raises BadInput where only one does."""
    named = {"edge": scenario.edge.device, "server": scenario.server.device}
    hosts = [half for half, device in named.items() if device == HOST]
    if len(hosts) == 1:
        (half,) = hosts
        raise BadInput(
            f"{half}.device: found {HOST} beside a named device, allowed in virtual time: "
            "named devices for both edge and server, or for neither"
        )
    return not hosts


def repertoire_of(scenario: Scenario, contents: Contents) -> DeviceRepertoire:
    """What a scenario that names both devices replays.

    Raises BadInput for unknown devices, backbones they have not, weights and images.
    """
    content = contents.of(scenario)
    edge = law_for(scenario.edge.device, content.network)
    server = law_for(scenario.server.device, content.network)
    factors = {
        half: [law.factor(share) for share in _shares(len(content.samples), scenario.seed, half)]
        for half, law in (("edge", edge), ("server", server))
    }
    stages_of = partial(_stages, content, edge, server, factors["edge"], factors["server"])
    return DeviceRepertoire(
        of_devices={"edge": edge.facts(), "server": server.facts()},
        **dict(content.replayed(stages_of)),
    )


def _shares(rows: int, seed: int, half: str) -> list[float]:
    """The middles of as many equal parts of 0..1 as there are rows, shuffled."""
    random = np.random.default_rng(seed_for(seed, f"{half} device"))
    return [(place + 0.5) / rows for place in random.permutation(rows).tolist()]


def _stages(
    content: Content,
    edge: Law,
    server: Law,
    edge_factors: list[float],
    server_factors: list[float],
    crossing: Crossing,
) -> Stages:
    """The transport is paid where the messages are made and read: in encode and decode."""
    blocks, codec, shape = len(content.network.blocks), crossing.codec, crossing.shape
    nothing = (0.0,) * len(content.samples)
    head_s = edge.compute_s(0, crossing.cut, content.image_px)
    if crossing.resize_px:
        head_s = edge.resize_s(content.image_px, crossing.resize_px)
    encode_s = decode_s = nothing
    tail_s = 0.0
    if codec is not None:
        sizes = crossing.payload_bytes
        encode_s = tuple(edge.encode_s(codec, shape) + edge.transport_s(size) for size in sizes)
        decode_s = tuple(server.decode_s(codec, shape) + server.transport_s(size) for size in sizes)
        sent_px = 0 if crossing.cut else shape[0] * shape[1]  # of an image, else it has no say
        tail_s = server.compute_s(crossing.cut, blocks, sent_px)
    return Stages(
        head_s=tuple(head_s * factor for factor in edge_factors),
        encode_s=_times(encode_s, edge_factors),
        uplink_s=nothing,
        server_decode_s=_times(decode_s, server_factors),
        server_tail_s=tuple(tail_s * factor for factor in server_factors),
        server_other_s=nothing,
        downlink_s=nothing,
    )


def _times(column_s: tuple[float, ...], factors: list[float]) -> tuple[float, ...]:
    return tuple(value_s * factor for value_s, factor in zip(column_s, factors, strict=True))
