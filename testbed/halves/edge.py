"""The edge half: checks the cut, then runs every block in turn: real work, over a real channel.

`lifecycle/edge.py` says what happens next; here it is done, and the time told.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from math import nan

from emulation.meter import Meter
from testbed.config.scenario import Scenario
from testbed.data.dataset import Dataset
from testbed.halves.client import Client, Received
from testbed.halves.connections import Connections, Dial
from testbed.halves.deployment import Deployment, hello_of, make_deployment
from testbed.halves.equality import check_cut
from testbed.halves.events import Beginning, Checked, Done, Recorded, Tell
from testbed.halves.machine import WALL_CLOCK, Clock
from testbed.halves.workload import Sample, draw_samples
from testbed.lifecycle.edge import SERVER_GONE, UNSENT, Compute, EdgeBlock, Life, Receive, Send
from testbed.lifecycle.messages import Payload, Request
from testbed.lifecycle.plan import PlannedBlock, due_times, planned_blocks, rules_of
from testbed.lifecycle.wire_bytes import counting_wire
from testbed.network import Activation, Network, predict
from testbed.results.record import RequestRecord


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge half works with; made by the process that hosts it.

    wait_for_go: returns when the block that was told of may begin.
    """

    scenario: Scenario
    network: Network
    dataset: Dataset
    dial: Dial
    meter: Meter
    wait_for_go: Callable[[], object] = lambda: None
    clock: Clock = WALL_CLOCK


def run_edge(parts: EdgeParts, tell: Tell) -> None:
    """Every request of the scenario is told of when it ends, and before the first of them the cut.

    Whoever is told of a block that begins may renew the link, before its connection is made.

    Raises PeerLost when the server does not answer the hello, and CutMismatch when the halves
    together do not compute what the whole network does.
    """
    scenario, network = parts.scenario, parts.network
    deployments = [make_deployment(entry, network) for entry in scenario.deployments]
    samples: list[Sample] = []
    timeout_s = scenario.workload.timeout
    with closing(Connections(parts.dial, hello_of(network), timeout_s, parts.clock)) as connections:
        for planned in planned_blocks(scenario):
            if planned.first_of_repeat:
                samples = draw_samples(parts.dataset, scenario, planned.repeat)
                if planned.repeat == 0:
                    images = [sample.image for sample in samples[:3]]
                    tell(Checked(check_cut(network, connections.client, deployments, images)))
            if planned.warmup:
                connections.renew(partial(_announce, parts, planned.repeat, tell))
            deployment = deployments[planned.deployment]
            run_block(parts, connections.client, deployment, planned, samples, tell)
    tell(Done(dict(connections.strays)))


def _announce(parts: EdgeParts, repeat: int, tell: Tell) -> None:
    """Say that a block comes next, and wait for the word to go on."""
    tell(Beginning(repeat))
    parts.wait_for_go()


def run_block(
    parts: EdgeParts,
    client: Client,
    deployment: Deployment,
    planned: PlannedBlock,
    pool: list[Sample],
    tell: Tell,
) -> None:
    """One block of the plan. pool: the images of its repeat, taken in turn where they are few."""

    def ended(record: RequestRecord) -> None:
        if not planned.warmup:
            tell(Recorded(record))

    own = pool[planned.first_sample :] or pool
    samples = [own[index % len(own)] for index in range(planned.requests)]
    slowdown = parts.scenario.edge.slowdown
    edge = RealEdge(parts.network, client, deployment, samples, slowdown, parts.clock)
    rules, counted = rules_of(parts.scenario), counting_wire(parts.meter.read, ended)
    tasks, crosses_link = parts.network.tasks, deployment.crosses_link
    block = EdgeBlock(deployment.name, planned.repeat, tasks, crosses_link, rules, counted)
    life = block.life(samples, due_times(parts.scenario, planned), planned.first_number)
    edge.drive(block, life)


@dataclass
class RealEdge:
    """An edge that does one block's work. samples: one a request, in their order.

    slowdown: each stage lasts that many times the processor time it took, for a slower device.
    """

    network: Network
    client: Client
    deployment: Deployment
    samples: Sequence[Sample]
    slowdown: float = 1.0
    clock: Clock = WALL_CLOCK

    def __post_init__(self) -> None:
        self._start_s = self.clock.now_s()
        self._block: EdgeBlock
        self._activation: Activation
        self._payload: Payload

    def drive(self, block: EdgeBlock, life: Life) -> None:
        """Do what the life asks for, to its end."""
        self._block = block
        clock, start_s = self.clock, self._start_s
        try:
            ask = next(life)
            while True:
                if isinstance(ask, Compute):
                    self._compute(ask)
                elif isinstance(ask, Send):
                    self._send(ask)
                else:
                    self._receive(ask)
                ask = life.send(clock.now_s() - start_s)
        except StopIteration:
            return

    def _compute(self, ask: Compute) -> None:
        if self.slowdown == 1:
            self._do(ask)
            return
        clock = self.clock
        began_s, used_s = clock.now_s(), clock.busy_s()
        self._do(ask)
        done_s = clock.now_s()
        # Processor time, because a moment in which the machine did something else would otherwise
        # be stretched as well; wall time where several threads took more.
        busy_s = min(done_s - began_s, clock.busy_s() - used_s)
        clock.wait_until(done_s + busy_s * (self.slowdown - 1))

    def _do(self, ask: Compute) -> None:
        deployment = self.deployment
        if ask.stage == "encode":
            self._payload = deployment.encode(self._activation)
            ask.record.payload_up_bytes = memoryview(self._payload.buffer).nbytes
            return
        image = self.samples[ask.record.index].image
        self._activation = deployment.compute(self.network, image)
        if not deployment.crosses_link:
            ask.classes = predict(self._activation)

    def _send(self, ask: Send) -> None:
        client = self.client
        if not client.submit(Request(ask.number, self.deployment.cut_name, self._payload)):
            ask.fault = UNSENT if client.connected else SERVER_GONE

    def _receive(self, ask: Receive) -> None:
        """Take what comes first, and what is there with it, as long as anything is waited for."""
        received = self.client.receive(self._start_s + ask.until_s)
        while received is not None:
            self._take(received)
            received = self.client.receive(0.0) if self._block.waits else None
        if not self.client.connected:
            self._block.lose_server()

    def _take(self, received: Received) -> None:
        message, at_s = received.message, received.at_s - self._start_s
        start_s = self._start_s if self.client.shared_clock else nan
        if not self._block.take(message, at_s, received.size_bytes, start_s):
            self.client.strays["after its timeout"] += 1
