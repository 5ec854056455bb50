"""The edge half: checks the cut, then runs every block of the run in turn.

A block (`block.py`) is one deployment in one repeat. Deployments take turns within a repeat, each
repeat starting with another one, so that drift of the machine or the link falls on all alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emulation.meter import Meter
from testbed.config.scenario import Scenario
from testbed.data.dataset import Dataset
from testbed.halves.block import Block, Emit, Rules
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment, make_deployment
from testbed.halves.equality import CutCheck, check_cut
from testbed.halves.workload import Sample, draw_samples, pause_s, period_s
from testbed.network import Network


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge half works with; made by the process that hosts it."""

    scenario: Scenario
    network: Network
    dataset: Dataset
    client: Client
    meter: Meter


def run_edge(parts: EdgeParts, checked: Callable[[list[CutCheck]], None], emit: Emit) -> None:
    """Every request of the scenario; `checked` is told of the cut before the first of them.

    Raises PeerLost when the server does not answer the hello, and CutMismatch when the halves
    together do not compute what the whole network does.
    """
    scenario = parts.scenario
    parts.client.hello(parts.network.identity, scenario.workload.timeout)
    deployments = [make_deployment(entry) for entry in scenario.deployments]
    per_block = scenario.workload.warmup + scenario.workload.requests
    first_id = 0
    for repeat in range(scenario.repeats):
        samples = draw_samples(parts.dataset, scenario, repeat)
        if repeat == 0:
            images = [sample.image for sample in samples[:3]]
            checked(check_cut(parts.network, parts.client, deployments, images))
        for turn in range(len(deployments)):
            deployment = deployments[(turn + repeat) % len(deployments)]
            _run_block(parts, deployment, repeat, samples, first_id, emit)
            first_id += per_block


def _run_block(
    parts: EdgeParts,
    deployment: Deployment,
    repeat: int,
    samples: Sequence[Sample],
    first_id: int,
    emit: Emit,
) -> None:
    workload = parts.scenario.workload
    rules = Rules(
        period_s(parts.scenario),
        workload.deadline,
        workload.timeout,
        parts.scenario.edge.slowdown,
        pause_s(parts.scenario),
    )
    block = Block(parts.network, parts.client, parts.meter, rules, deployment, repeat)
    block.run(samples, first_id, workload.warmup, lambda record: None)
    rest = samples[workload.warmup :] or samples
    block.run(rest, first_id + workload.warmup, workload.requests, emit)
