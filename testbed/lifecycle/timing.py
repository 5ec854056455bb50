"""What a scenario says of when its requests are due, and of how long they may take."""

from collections.abc import Iterator

import numpy as np

from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.lifecycle.edge import Rules
from testbed.lifecycle.plan import PlannedBlock


def rules_of(scenario: Scenario) -> Rules:
    """How its requests are timed."""
    workload = scenario.workload
    return Rules(
        deadline_s=workload.deadline,
        timeout_s=workload.timeout,
        slowdown=scenario.edge.slowdown,
        closed=workload.arrival.closed,
    )


def due_times(scenario: Scenario, block: PlannedBlock) -> Iterator[float]:
    """When a block's requests are due: drawn anew in each repeat, alike for all deployments."""
    seed = [seed_for(scenario.seed, "arrivals"), block.repeat, int(block.warmup)]
    return scenario.workload.arrival.due_times(np.random.default_rng(seed))
