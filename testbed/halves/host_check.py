"""The hosts of both halves beside the devices they stand for, as the edge half finds them.

Where no device is named, nothing here is done, and nothing said to the server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from testbed.channel.survey import Interference, Look, Looked, Probe, Probed, Tally
from testbed.errors import PeerLost
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment
from testbed.halves.interference import interference, since
from testbed.halves.machine import Clock
from testbed.halves.overruns import BlockHosts
from testbed.halves.pacer import SERVER_STAGES, Pacer, Stage, StageLaw
from testbed.halves.patience import Patience
from testbed.halves.probe import HostStage, probe_edge
from testbed.lifecycle.plan import PlannedBlock
from testbed.network import Image, Network


@dataclass
class HostCheck:
    """Of one run. device: the edge's. server_device: the server's, by name. Empty: none.

    seed: of the times that the edge's device takes. patience: a server that has not answered by
    then is out of reach, and so are its counts. falls_back: whether the edge may have to compute
    the whole network.
    """

    network: Network
    deployments: Sequence[Deployment]
    device: StageLaw | None
    server_device: str
    seed: int
    clock: Clock
    patience: Patience
    falls_back: bool = False

    def __post_init__(self) -> None:
        self.needed = self.device is not None or bool(self.server_device)
        self._pacer: Pacer | None = None
        self._began: Interference

    def probe(self, client: Client, images: Sequence[Image]) -> tuple[HostStage, ...]:
        """Every stage of every deployment. Raises PeerLost when the server does not say."""
        found: list[HostStage] = []
        if self.device is not None:
            found += probe_edge(
                self.network, self.device, self.deployments, images, self.clock, self.falls_back
            )
        if self.server_device:
            for deployment in self.deployments:
                if deployment.crosses_link:
                    found += self._probe_server(client, deployment, images[0])
        return tuple(found)

    def _probe_server(
        self, client: Client, deployment: Deployment, image: Image
    ) -> list[HostStage]:
        payload = deployment.encode(deployment.compute(self.network, image))
        question = Probe(deployment.cut_name, payload.codec, payload.shape)
        answer = client.ask(question, Probed, self.patience.answer_s())
        if not isinstance(answer, Probed):
            why = answer.reason if answer else "no answer"
            raise PeerLost(f"the server half could not say how fast its host is: {why}")
        return [
            HostStage("server", deployment.name, stage, *timing)
            for stage, timing in zip(SERVER_STAGES, answer, strict=True)
        ]

    def pacer(self, planned: PlannedBlock) -> Pacer | None:
        """For the edge's stages in a block; the same times whenever the block is run."""
        if self.device is None:
            return None
        random = np.random.default_rng([self.seed, planned.repeat, int(planned.warmup)])
        self._pacer = Pacer(self.device, random, self.clock)
        return self._pacer

    def begin(self, client: Client) -> None:
        """A block's requests come next: both hosts count anew."""
        if self.server_device:
            client.ask(Look(), Looked, self.patience.word_s())
        self._began = interference()

    def end(
        self, client: Client, planned: PlannedBlock, attempt: int, lasted_s: float
    ) -> BlockHosts:
        """What they counted while its requests took `lasted_s` in all."""
        self.clock.run_first(False)  # as the pacer left it
        stages: dict[str, Mapping[Stage, Tally]] = {}
        meanwhile = {"edge": since(self._began)}
        if self._pacer is not None:
            stages["edge"] = self._pacer.tallies()
        look_s = self.patience.word_s()
        looked = client.ask(Look(), Looked, look_s) if self.server_device else None
        if isinstance(looked, Looked):
            stages["server"] = {"decode": looked.decode, "tail": looked.tail}
            meanwhile["server"] = looked.meanwhile
        name = self.deployments[planned.deployment].name
        return BlockHosts(name, planned.repeat, attempt, lasted_s, stages, meanwhile)
