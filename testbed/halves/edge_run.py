"""A whole run at the edge: checks both halves and their hosts, then runs block after block."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

import numpy as np

from emulation.meter import Meter
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.data.dataset import Dataset
from testbed.errors import PeerLost
from testbed.halves.connections import Connections
from testbed.halves.deployment import hello_of, make_deployment
from testbed.halves.edge import RealEdge
from testbed.halves.energy_counter import EnergyCounter
from testbed.halves.equality import check_cut
from testbed.halves.events import (
    Alive,
    Beginning,
    BlockEnergy,
    Checked,
    Done,
    Drawn,
    HostsProbed,
    Quiet,
    Recorded,
    Tell,
)
from testbed.halves.host_check import HostCheck
from testbed.halves.lasting import Dial
from testbed.halves.machine import WALL_CLOCK, Clock
from testbed.halves.overruns import ATTEMPTS, disturbed
from testbed.halves.pacer import StageLaw
from testbed.halves.patience import Patience
from testbed.halves.probe import HostStage, require_fast_hosts
from testbed.halves.workload import Sample, draw_samples
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.plan import PlannedBlock, due_times, planned_blocks, rules_of
from testbed.lifecycle.wire_bytes import counting_wire
from testbed.network import Network
from testbed.results.record import RequestRecord

CHECKED_IMAGES = 3
"""On which the halves are checked, and their hosts."""


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge half works with; made by the process that hosts it.

    patience: how long what it asks of the server is waited for.
    wait_for_go: returns when the block that was told of may begin. law: of the device that the edge
    stands for; server_device: what the server does, by name; empty where it stands for none.
    counter: of what the edge's machine draws, where it has one. lasting: a server that is gone may
    come back.
    """

    scenario: Scenario
    network: Network
    dataset: Dataset
    dial: Dial
    patience: Patience
    meter: Meter
    wait_for_go: Callable[[], object] = lambda: None
    clock: Clock = WALL_CLOCK
    law: StageLaw | None = None
    server_device: str = ""
    counter: EnergyCounter | None = None
    lasting: bool = False


def run_edge(parts: EdgeParts, tell: Tell) -> None:
    """Every request of the scenario is told of when it ends, and before the first of them the cut.

    Whoever is told of a block that begins may renew the link, before its connection is made.

    Raises PeerLost when the server does not answer the hello, CutMismatch when the halves together
    do not compute what the whole network does, and HostOutOfTolerance when a host is too slow to
    stand for its device.
    """
    hello, patience = hello_of(parts.network, parts.server_device), parts.patience
    tell(Quiet(patience.hello_s()))
    timeout_s = parts.scenario.workload.timeout if parts.lasting else None
    opened = Connections(parts.dial, hello, patience, parts.clock, timeout_s)
    with closing(opened) as connections:
        EdgeRun(parts, connections, tell).run()
    presence = connections.presence
    tell(Done(dict(connections.strays), presence.lost, presence.found))


class EdgeRun:
    """A run over connections to one server."""

    def __init__(self, parts: EdgeParts, connections: Connections, tell: Tell) -> None:
        self._parts, self._connections, self._tell = parts, connections, tell
        scenario, network = parts.scenario, parts.network
        self._deployments = [make_deployment(entry, network) for entry in scenario.deployments]
        self._tolerance = scenario.link.tolerance
        self._samples: list[Sample] = []
        self._hosts = HostCheck(
            network,
            self._deployments,
            parts.law,
            "" if parts.patience.hopeless else parts.server_device,
            seed_for(scenario.seed, "edge pace"),
            parts.clock,
            parts.patience,
            scenario.edge.fallback is not None,
        )
        self._renewed_s = parts.clock.now_s()

    def run(self) -> None:
        """All of it; raises as `run_edge`."""
        scenario = self._parts.scenario
        blocks = planned_blocks(scenario)
        for warmup, planned in zip(blocks, blocks, strict=True):
            if warmup.first_of_repeat:
                self._samples = draw_samples(
                    self._parts.dataset, scenario, planned.repeat, self._tell_of_images
                )
                if planned.repeat == 0:
                    self._check()
            self._run_block(warmup, planned)
        with suppress(PeerLost):  # what the run has found is whole without
            self._probe_hosts()

    def _check(self) -> None:
        """Before the first request; what the link lets nobody ask is not asked."""
        images = [sample.image for sample in self._samples[:CHECKED_IMAGES]]
        client, parts = self._connections.client, self._parts
        checked = [
            each
            for each in self._deployments
            if not (each.crosses_link and parts.patience.hopeless)
        ]
        checks = check_cut(parts.network, client, checked, images, self._answer_s)
        if (found := self._probe_hosts()) and self._tolerance is not None:
            device = parts.law.name if parts.law else ""
            require_fast_hosts(found, {"edge": device, "server": parts.server_device})
        self._tell(Checked(checks))
        self._tell(Quiet(parts.patience.silence_s(parts.scenario)))

    def _answer_s(self, payload_bytes: int) -> float:
        """How long an answer is waited for, and nothing told meanwhile."""
        wait_s = self._parts.patience.answer_s(payload_bytes)
        self._tell(Quiet(wait_s))
        return wait_s

    def _run_block(self, warmup: PlannedBlock, planned: PlannedBlock) -> None:
        """One block, with its warm-up; again while a host was out of tolerance in it."""
        hosts, tolerance = self._hosts, self._tolerance
        for attempt in range(ATTEMPTS):
            self._connections.renew(lambda: self._announce(planned.repeat))
            client = self._connections.client
            self._run_requests(warmup, attempt)
            if not hosts.needed:
                self._run_measured(planned, attempt)
                return
            hosts.begin(client)
            lasted_s = self._run_measured(planned, attempt)
            found = hosts.end(client, planned, attempt, lasted_s)
            self._tell(found)
            if tolerance is None or not disturbed(found, tolerance.compute):
                return

    def _run_measured(self, planned: PlannedBlock, attempt: int) -> float:
        """As `_run_requests`, and tell what the machine drew meanwhile, where that is counted."""
        counter = self._parts.counter
        if counter is None:
            return self._run_requests(planned, attempt)
        counter.start()
        try:
            lasted_s = self._run_requests(planned, attempt)
        finally:
            joules = counter.stop()
        if joules is not None:
            name = self._deployments[planned.deployment].name
            self._tell(BlockEnergy(name, planned.repeat, attempt, joules, counter.name))
        return lasted_s

    def _run_requests(self, planned: PlannedBlock, attempt: int) -> float:
        """Those of a block of the plan, with its repeat's images in turn where they are few.

        Returns the seconds they took from due to answered, in all.
        """
        parts, scenario = self._parts, self._parts.scenario
        deployment = self._deployments[planned.deployment]
        pool = self._samples[planned.first_sample :] or self._samples
        samples = [pool[index % len(pool)] for index in range(planned.requests)]
        latencies_s: list[float] = []

        def ended(record: RequestRecord) -> None:
            record.attempt = attempt
            record.block_start_s = edge.start_s - self._renewed_s
            latencies_s.append(record.answered_s - record.due_s)  # NaN where it was lost
            self._tell(Alive() if planned.warmup else Recorded(record))

        edge = RealEdge(
            parts.network,
            self._connections.client,
            deployment,
            samples,
            scenario.edge.slowdown,
            parts.clock,
            self._hosts.pacer(planned),
        )
        block = EdgeBlock(
            deployment.name,
            planned.repeat,
            parts.network.tasks,
            deployment.crosses_link,
            rules_of(scenario),
            counting_wire(parts.meter.read, ended),
        )
        due_s = due_times(scenario, planned)
        edge.drive(block, block.life(samples, due_s, planned.first_number))
        return float(np.nansum(latencies_s))

    def _probe_hosts(self) -> Sequence[HostStage]:
        """Tell how fast they are; none where no device is named."""
        if not self._hosts.needed:
            return ()
        images = [sample.image for sample in self._samples[:CHECKED_IMAGES]]
        self._tell(Quiet(len(self._deployments) * self._parts.patience.answer_s()))
        found = self._hosts.probe(self._connections.client, images)
        self._tell(HostsProbed(found))
        return found

    def _tell_of_images(self) -> None:
        self._tell(Drawn(tuple(self._parts.dataset.describe().get("skipped", ()))))

    def _announce(self, repeat: int) -> None:
        """Say that a block comes next, and wait for the word to go on."""
        self._tell(Beginning(repeat))
        self._parts.wait_for_go()
        self._renewed_s = self._parts.clock.now_s()
