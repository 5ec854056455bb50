"""How long an edge half waits for its server half: as long as their link and their computing take.

The link's part is `emulation.patience`; here are both halves' devices and hosts on top, and how
long the edge half may have nothing to tell whoever started it.
"""

from dataclasses import dataclass
from typing import Self

from emulation.patience import carries, exchange_s
from emulation.spec import LinkSpec
from testbed.channel import HOST_S
from testbed.config.frame import sides
from testbed.config.scenario import Scenario
from testbed.halves.pacer import StageLaw
from testbed.lifecycle.plan import longest_gap_s
from testbed.network import Network

COMPUTE_S = 10.0
"""The longest that a busy host computes for one request; an emulated one takes seconds."""
HELLO_TURNS = 6
"""TCP's, two of ZeroMQ's greeting, two of its keys, and the hello itself."""
WORD_BYTES = 4096
"""More than a hello, a look or a probe of a host has, and than any reply."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Of one run. compute_s: the longest that both halves compute for one request, in all."""

    link: LinkSpec
    compute_s: float = 2 * COMPUTE_S

    @classmethod
    def of(cls, scenario: Scenario, network: Network) -> Self:
        """What a scenario's devices take for the whole network. Raises BadInput as `law_for`."""
        edge, server, whole = scenario.edge, scenario.server, len(network.blocks)
        compute_s = COMPUTE_S * (edge.slowdown + 1)
        for law in (StageLaw.of(edge.device, network), StageLaw.of(server.device, network)):
            if law is not None:
                image_shape = sides(scenario.workload.camera_px)
                compute_s += law.factor(1.0) * law.head_s(whole, image_shape, resize_px=0)
        return cls(scenario.link.to_spec(), compute_s)

    @property
    def hopeless(self) -> bool:
        """Whether the link lets no answer through, so that there is none to wait for."""
        return not carries(self.link)

    def hello_s(self) -> float:
        """For a connection to be made, and the hello to be answered."""
        return HOST_S + exchange_s(self.link, WORD_BYTES, WORD_BYTES, HELLO_TURNS)

    def word_s(self) -> float:
        """For a word that costs the server nothing."""
        return HOST_S + exchange_s(self.link, WORD_BYTES, WORD_BYTES)

    def answer_s(self, payload_bytes: int = 0) -> float:
        """For what the server computes from a payload of that size."""
        up_bytes = WORD_BYTES + payload_bytes
        return HOST_S + self.compute_s + exchange_s(self.link, up_bytes, WORD_BYTES)

    def silence_s(self, scenario: Scenario) -> float:
        """The longest between the ends of two requests, also of two blocks."""
        between_blocks_s = self.hello_s() + 2 * self.word_s()
        request_s = longest_gap_s(scenario) + self.compute_s + scenario.workload.timeout
        return between_blocks_s + request_s
