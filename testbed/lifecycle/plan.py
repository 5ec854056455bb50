"""What a scenario says of its blocks: which there are, when their requests are due, the weather."""

from collections.abc import Iterator
from itertools import islice, pairwise
from math import inf
from typing import NamedTuple

import numpy as np

from emulation.spec import LinkSpec, Weather
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.lifecycle.asks import Rules


class PlannedBlock(NamedTuple):
    """Requests of one deployment in one repeat, one after another.

    deployment: position among the scenario's. first_number: of its first request on the connection.
    first_sample: which of the repeat's images it takes first. warmup: its records are not kept.
    """

    repeat: int
    deployment: int
    warmup: bool
    first_of_repeat: bool
    first_number: int
    first_sample: int
    requests: int


def planned_blocks(scenario: Scenario) -> Iterator[PlannedBlock]:
    """Every block of a run, each after one that warms it up.

    Deployments take turns within a repeat, each repeat starting with another one, so that drift of
    the machine or the link falls on all alike.
    """
    deployments = len(scenario.deployments)
    warmup, requests = scenario.workload.warmup, scenario.workload.requests
    number = 0
    for repeat in range(scenario.repeats):
        for turn in range(deployments):
            deployment = (turn + repeat) % deployments
            yield PlannedBlock(repeat, deployment, True, turn == 0, number, 0, warmup)
            number += warmup
            yield PlannedBlock(repeat, deployment, False, False, number, warmup, requests)
            number += requests


def rules_of(scenario: Scenario) -> Rules:
    """How its requests are timed."""
    workload, after_s = scenario.workload, scenario.edge.after
    return Rules(
        workload.deadline,
        workload.timeout,
        workload.arrival.closed,
        inf if after_s is None else after_s,
    )


def due_times(scenario: Scenario, block: PlannedBlock) -> Iterator[float]:
    """When a block's requests are due: drawn anew in each repeat, alike for all deployments."""
    seed = [seed_for(scenario.seed, "arrivals"), block.repeat, int(block.warmup)]
    return scenario.workload.arrival.due_times(np.random.default_rng(seed))


def weather_of(scenario: Scenario, link: LinkSpec, repeat: int, chance: int = 0) -> Weather:
    """The link's weather in every block of a repeat, from before the block's connection is made.

    A block is its warm-up and its requests. All deployments of a repeat meet the same: losses and
    jitter have the repeat's seed; traces begin at an offset drawn for the repeat, so that few
    short blocks see different parts of a long trace; outages count from the block's beginning as
    the scenario has them, for an offset would move them out of short blocks.

    link: that of the scenario. chance: any other number gives losses and jitter drawn anew, under
    the same schedule.
    """
    redrawn = f", chance {chance}" if chance else ""
    seed = seed_for(scenario.seed, f"link, repeat {repeat}{redrawn}")
    rng = np.random.default_rng(seed_for(scenario.seed, f"trace offset, repeat {repeat}"))
    return Weather(seed, offset_s=rng.uniform(0.0, link.period_s))


def longest_gap_s(scenario: Scenario) -> float:
    """The longest time in which no request is due, in any block; in a closed loop, the pause."""
    longest_s = 0.0
    for block in planned_blocks(scenario):
        times_s = list(islice(due_times(scenario, block), block.requests))
        if not scenario.workload.arrival.closed:
            times_s = [after - before for before, after in pairwise([0.0, *times_s])]
        longest_s = max([longest_s, *times_s])
    return longest_s
