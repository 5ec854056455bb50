"""Which blocks are disturbed, and what is said of them."""

import pytest

from testbed.channel.survey import Interference, Tally
from testbed.halves.overruns import BlockHosts, Tallies, excess, pooled


def of_edge(tally: Tally) -> Tallies:
    return {"edge": {"head": tally}}


@pytest.mark.parametrize(
    ("tally", "disturbed"),
    [
        (Tally(100, 0, 0.0, 1.0), False),
        (Tally(10, 1, 0.009, 1.0), False),  # one is always allowed, if it is short
        (Tally(10, 1, 0.011, 1.0), True),
        (Tally(300, 3, 0.003, 1.0), False),
        (Tally(300, 4, 0.004, 1.0), True),
        (Tally(0, 0, 0.0, 0.0), False),
    ],
)
def test_more_than_its_share_of_stages_or_of_time_is_too_much(
    tally: Tally, disturbed: bool
) -> None:
    assert bool(excess(of_edge(tally), tally.due_s, 0.01)) == disturbed


def test_a_half_s_stages_count_together_and_its_worst_is_named() -> None:
    stages: Tallies = {
        "edge": {"head": Tally(20, 0, 0.0, 1.0), "encode": Tally(20, 0, 0.0, 0.1)},
        "server": {"decode": Tally(20, 1, 0.001, 0.1), "tail": Tally(20, 2, 0.0412, 0.9)},
    }
    assert excess(stages, 4.0, 0.01) == [
        "server tail: 2 of 20 took the host longer than the device, by 41.2 ms in all"
    ]


def test_blocks_are_pooled_by_half_and_stage() -> None:
    nothing = Interference(None, None, 0)
    blocks = [
        BlockHosts("x", repeat, 0, 5.0, of_edge(Tally(10, 1, 0.5, 2.0)), {"edge": nothing})
        for repeat in range(3)
    ]
    assert pooled(blocks) == of_edge(Tally(30, 3, 1.5, 6.0))
