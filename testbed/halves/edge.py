"""The edge half: checks the cut, then runs every block of the run in turn."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from emulation.meter import Meter
from testbed.config.scenario import Scenario
from testbed.data.dataset import Dataset
from testbed.halves.client import Client
from testbed.halves.connections import Connections, Dial
from testbed.halves.deployment import Deployment, hello_of, make_deployment
from testbed.halves.equality import CutCheck, check_cut
from testbed.halves.real_edge import RealEdge
from testbed.halves.workload import Sample, draw_samples
from testbed.lifecycle.clock import Clock, WallClock
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.plan import PlannedBlock, planned_blocks
from testbed.lifecycle.timing import due_times, rules_of
from testbed.lifecycle.wire_bytes import WireBytes
from testbed.network import Network
from testbed.results.record import RequestRecord

Emit = Callable[[RequestRecord], None]


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge half works with; made by the process that hosts it."""

    scenario: Scenario
    network: Network
    dataset: Dataset
    dial: Dial
    meter: Meter
    clock: Clock = field(default_factory=WallClock)


def run_edge(
    parts: EdgeParts, checked: Callable[[list[CutCheck]], None], emit: Emit
) -> Counter[str]:
    """Every request of the scenario; `checked` is told of the cut before the first of them.

    Returns how many messages of each kind came that were no reply to any. Raises PeerLost when the
    server does not answer the hello, and CutMismatch when the halves together do not compute what
    the whole network does.
    """
    scenario, workload = parts.scenario, parts.scenario.workload
    hello = hello_of(parts.network)
    with closing(Connections(parts.dial, hello, workload.timeout, parts.clock)) as connections:
        deployments = [make_deployment(entry, parts.network) for entry in scenario.deployments]
        samples: list[Sample] = []
        for planned in planned_blocks(
            scenario.repeats, len(deployments), workload.warmup, workload.requests
        ):
            if planned.first_of_repeat:
                samples = draw_samples(parts.dataset, scenario, planned.repeat)
            if planned.first_of_run:
                images = [sample.image for sample in samples[:3]]
                checked(check_cut(parts.network, connections.client, deployments, images))
            if planned.warmup:
                connections.renew()
            deployment = deployments[planned.deployment]
            run_block(parts, connections.client, deployment, planned, samples, emit)
    return connections.strays


def run_block(
    parts: EdgeParts,
    client: Client,
    deployment: Deployment,
    planned: PlannedBlock,
    pool: Sequence[Sample],
    emit: Emit,
) -> None:
    """One block of the plan. pool: the images of its repeat, taken in turn where they are few."""
    wire = WireBytes(parts.meter.read)

    def ended(record: RequestRecord) -> None:
        wire.count(record)
        if not planned.warmup:
            emit(record)

    own = pool[planned.first_sample :] or pool
    samples = [own[index % len(own)] for index in range(planned.requests)]
    edge = RealEdge(parts.network, client, parts.clock, deployment, samples)
    block = EdgeBlock(
        deployment.name,
        planned.repeat,
        parts.network.tasks,
        deployment.crosses_link,
        rules_of(parts.scenario),
        ended,
    )
    life = block.life(samples, due_times(parts.scenario, planned), planned.first_number)
    edge.drive(block, life)
