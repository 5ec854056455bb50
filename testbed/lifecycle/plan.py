"""Which blocks a run consists of, in their order."""

from collections.abc import Iterator
from typing import NamedTuple


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

    @property
    def first_of_run(self) -> bool:
        """Whether nothing came before it."""
        return self.first_of_repeat and self.repeat == 0


def planned_blocks(
    repeats: int, deployments: int, warmup: int, requests: int
) -> Iterator[PlannedBlock]:
    """Every block of a run, each after one that warms it up.

    Deployments take turns within a repeat, each repeat starting with another one, so that drift of
    the machine or the link falls on all alike.
    """
    number = 0
    for repeat in range(repeats):
        for turn in range(deployments):
            deployment = (turn + repeat) % deployments
            yield PlannedBlock(repeat, deployment, True, turn == 0, number, 0, warmup)
            number += warmup
            yield PlannedBlock(repeat, deployment, False, False, number, warmup, requests)
            number += requests
