"""Accuracy against the number of tasks, and what memory, bytes and accuracy say of the claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from testbed.paper.claims import PAPER, Claim
from testbed.paper.tasks.cost import Cost
from testbed.paper.training.comparison import MARGIN, Comparison, compare
from testbed.paper.training.report import by_seed
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Verdict, judge, rehearsed
from testbed.results.wording import size

ONE_BACKBONE = Claim(
    "One shared backbone serves any number of tasks with one network's memory and traffic at the "
    "edge; single-task networks need as many of each",
    f"{PAPER}, the architecture",
    "edge memory and bytes sent do not grow with the tasks",
)
SCALING = Claim(
    "Open question: adding tasks to the shared backbone costs no accuracy",
    f"{PAPER}, which tries two and three tasks",
    "two or three tasks at or above single-task accuracy; more were not tried",
)


@dataclass(frozen=True)
class Step:
    """`tasks` tasks on one backbone, and as many single-task networks: mean accuracy over them."""

    tasks: int
    accuracy: Comparison


def steps(results: Sequence[TrialResult], order: Sequence[str]) -> list[Step]:
    """The first 1, 2, ... of `order`, where some seed has all the networks."""
    found = []
    for count in range(1, len(order) + 1):
        tasks = tuple(order[:count])
        single = mean_over_tasks([by_seed(results, (task,), task) for task in tasks])
        multi = mean_over_tasks([by_seed(results, tasks, task) for task in tasks])
        accuracy = compare(single, multi)
        if accuracy is not None:
            found.append(Step(count, accuracy))
    return found


def mean_over_tasks(by_task: Sequence[dict[int, float]]) -> dict[int, float]:
    """Seed -> mean, for the seeds that every task has."""
    seeds = set.intersection(*(set(one) for one in by_task))
    return {seed: fmean(one[seed] for one in by_task) for seed in sorted(seeds)}


def verdicts(costs: Sequence[Cost], found: Sequence[Step], quick: bool) -> list[Verdict]:
    """Of memory and bytes, which are counted, and of accuracy, which is trained."""
    return [_one_backbone(costs), _scaling(found[1:], quick)]


def _one_backbone(costs: Sequence[Cost]) -> Verdict:
    first, last = costs[0].tasks, costs[-1].tasks
    at = {(cost.way, cost.tasks): cost for cost in costs}
    multi, single = at["MTL", last], at["STL x N", last]
    same = all(
        (at["MTL", n].edge_bytes, at["MTL", n].sent_bytes) == (multi.edge_bytes, multi.sent_bytes)
        for n in range(first, last + 1)
    )
    fewer = multi.edge_bytes * last == single.edge_bytes
    return judge(
        ONE_BACKBONE,
        measured=f"{last} tasks: {size(multi.edge_bytes)} of weights on the edge and "
        f"{size(multi.sent_bytes)} sent, against {size(single.edge_bytes)} and "
        f"{size(single.sent_bytes)}",
        held=same and fewer,
        why=f"counted on the networks themselves, 1 to {last} tasks",
    )


def _scaling(found: Sequence[Step], quick: bool) -> Verdict:
    measured = "; ".join(f"{step.tasks} tasks: {step.accuracy.text}" for step in found)
    if quick:
        return rehearsed(SCALING, measured)
    standings = {step.tasks: step.accuracy.standing for step in found}
    lost = [str(tasks) for tasks, standing in standings.items() if standing == "loses"]
    held, why = None, "some interval reaches both ways"
    if lost:
        held = False
        why = f"with {', '.join(lost)} tasks the interval of the mean difference lies below 0"
    elif standings and all(one in ("beats", "matches") for one in standings.values()):
        held = True
        why = f"no interval of the mean difference reaches more than {MARGIN:g} point below 0"
    return judge(SCALING, measured=measured, held=held, why=why)
