"""The edge half: checks the cut, then runs every block of the run in turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from emulation.meter import Meter
from testbed.config.scenario import Scenario
from testbed.data.dataset import Dataset
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment, hello_of, make_deployment
from testbed.halves.equality import check_cut
from testbed.halves.events import Checked, Recorded, Tell
from testbed.halves.real_edge import RealEdge
from testbed.halves.workload import Sample, draw_samples
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.plan import PlannedBlock, due_times, planned_blocks, rules_of
from testbed.lifecycle.wire_bytes import WireBytes
from testbed.network import Network
from testbed.results.record import RequestRecord


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge half works with; made by the process that hosts it."""

    scenario: Scenario
    network: Network
    dataset: Dataset
    client: Client
    meter: Meter


def run_edge(parts: EdgeParts, tell: Tell) -> None:
    """Every request of the scenario is told of when it ends, and before the first of them the cut.

    Raises PeerLost when the server does not answer the hello, and CutMismatch when the halves
    together do not compute what the whole network does.
    """
    scenario = parts.scenario
    parts.client.hello(hello_of(parts.network), scenario.workload.timeout)
    deployments = [make_deployment(entry, parts.network) for entry in scenario.deployments]
    samples: list[Sample] = []
    for planned in planned_blocks(scenario):
        if planned.first_of_repeat:
            samples = draw_samples(parts.dataset, scenario, planned.repeat)
        if planned.first_of_run:
            images = [sample.image for sample in samples[:3]]
            tell(Checked(check_cut(parts.network, parts.client, deployments, images)))
        run_block(parts, deployments[planned.deployment], planned, samples, tell)


def run_block(
    parts: EdgeParts,
    deployment: Deployment,
    planned: PlannedBlock,
    pool: Sequence[Sample],
    tell: Tell,
) -> None:
    """One block of the plan. pool: the images of its repeat, taken in turn where they are few."""
    wire = WireBytes(parts.meter.read)

    def ended(record: RequestRecord) -> None:
        wire.count(record)
        if not planned.warmup:
            tell(Recorded(record))

    own = pool[planned.first_sample :] or pool
    samples = [own[index % len(own)] for index in range(planned.requests)]
    edge = RealEdge(parts.network, parts.client, deployment, samples)
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
