"""Costs counted on real networks, and latencies reckoned by hand."""

import pytest

from testbed.paper.links import IdealLink, scenario_link
from testbed.paper.tasks.compare import verdicts
from testbed.paper.tasks.cost import Cost, costs
from testbed.paper.tasks.study import LINKS
from testbed.paper.training.arms import Arm, mean_over
from testbed.paper.training.statistics import Comparison, interval

TASKS = ("scale", "shape", "orientation")


@pytest.fixture(scope="module")
def found() -> list[Cost]:
    return costs("mobilenet_v3_small", TASKS, 32, rounds=1)


def test_one_backbone_holds_what_one_network_holds(found: list[Cost]) -> None:
    multi = [cost for cost in found if cost.way == "MTL"]
    single = [cost for cost in found if cost.way == "STL x N"]
    assert [cost.edge_bytes for cost in multi] == [multi[0].edge_bytes] * 3
    assert [cost.edge_bytes for cost in single] == [n * multi[0].edge_bytes for n in (1, 2, 3)]
    assert multi[0].sent_bytes == 576 * 4  # one 1x1 map of 576 channels, float32
    assert single[2].sent_bytes == 3 * multi[2].sent_bytes
    assert [cost.server_bytes for cost in multi] == [cost.server_bytes for cost in single]


def test_latency_by_hand() -> None:
    link = IdealLink("a link", rate_bps=8e6, rtt_s=0.05, slowdown=4)
    cost = Cost("MTL", 2, 0, 0, sent_bytes=100_000, edge_s=0.01, server_s=0.002)
    # 4 * 10 ms, 100 kB at 1 MB/s, 50 ms there and back, 2 ms.
    assert cost.latency_s(link) == pytest.approx(0.04 + 0.1 + 0.05 + 0.002)


def test_the_links_are_the_scenarios() -> None:
    links = {name: scenario_link(name) for name in LINKS}
    assert [link.name for link in links.values()] == [*LINKS]
    assert links["gigabit"].rate_bps == 1e9
    assert links["lte"].rtt_s == pytest.approx(0.05)


def test_a_mean_over_tasks_needs_every_task_and_misses_what_any_misses() -> None:
    arms = [Arm({1: 10.0, 2: 20.0}, ("scale: still gains",)), Arm({2: 40.0, 3: 0.0})]
    assert mean_over(arms) == Arm({2: 30.0}, ("scale: still gains",))


@pytest.mark.parametrize(
    ("gains", "missing", "expected"),
    [
        ([3.0, 3.1, 2.9, 3.0, 3.0], (), "holds"),
        ([-5.0, -5.1, -4.9, -5.0, -5.0], (), "does not hold"),
        ([-9.0, 0.0, 9.0, 0.0, 0.0], (), "undecided"),
        ([-5.0, -5.1, -4.9, -5.0, -5.0], ("scale alone: no better than guessing",), "undertrained"),
    ],
)
def test_the_verdicts_follow_the_figures(
    found: list[Cost], gains: list[float], missing: tuple[str, ...], expected: str
) -> None:
    level = interval([70.0, 71.0, 72.0, 71.0, 71.0])
    steps = {
        1: Comparison(level, level, interval([0.0] * 5)),
        2: Comparison(level, level, interval(gains), missing),
    }
    memory, scaling = verdicts(found, steps, quick=False)
    assert memory.word == "holds"
    assert scaling.word == expected
    assert verdicts(found, steps, quick=True)[1].word == "not testable here"


def test_a_backbone_that_grew_with_the_tasks_would_be_noticed(found: list[Cost]) -> None:
    grown = [
        Cost(c.way, c.tasks, c.edge_bytes + c.tasks, c.server_bytes, c.sent_bytes, 0.0, 0.0)
        for c in found
    ]
    assert verdicts(grown, {}, quick=False)[0].word == "does not hold"
