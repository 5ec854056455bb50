"""What a scenario says of when its requests are due, and of how long they may take."""

from collections.abc import Iterator
from itertools import islice, pairwise

import numpy as np

from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.lifecycle.edge import Rules
from testbed.lifecycle.plan import PlannedBlock, planned_blocks


def rules_of(scenario: Scenario) -> Rules:
    """How its requests are timed."""
    workload = scenario.workload
    return Rules(
        deadline_s=workload.deadline,
        timeout_s=workload.timeout,
        slowdown=scenario.edge.slowdown,
        closed=workload.arrival.closed,
    )


def longest_gap_s(scenario: Scenario) -> float:
    """The longest time in which no request is due, in any block; in a closed loop, the pause."""
    workload = scenario.workload
    longest_s = 0.0
    for block in planned_blocks(scenario.repeats, 1, workload.warmup, workload.requests):
        times_s = list(islice(due_times(scenario, block), block.requests))
        if workload.arrival.closed:
            longest_s = max(longest_s, *times_s, 0.0)
        else:
            gaps_s = (after - before for before, after in pairwise([0.0, *times_s]))
            longest_s = max(longest_s, *gaps_s, 0.0)
    return longest_s


def due_times(scenario: Scenario, block: PlannedBlock) -> Iterator[float]:
    """When a block's requests are due: drawn anew in each repeat, alike for all deployments."""
    seed = [seed_for(scenario.seed, "arrivals"), block.repeat, int(block.warmup)]
    return scenario.workload.arrival.due_times(np.random.default_rng(seed))
