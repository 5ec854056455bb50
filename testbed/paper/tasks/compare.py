"""Accuracy against the number of tasks, and what memory, bytes and accuracy say of the claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from testbed.paper.accuracy.compare import MARGIN, standing
from testbed.paper.claims import PAPER, Claim
from testbed.paper.tasks.cost import Cost
from testbed.paper.training.report import by_seed
from testbed.paper.training.statistics import Interval, interval, paired
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Verdict, judge
from testbed.wording import size

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
    """`tasks` tasks on one backbone: mean accuracy over them, in per cent, and how STL does."""

    tasks: int
    multi: Interval
    single: Interval
    gain: Interval


def steps(results: Sequence[TrialResult], order: Sequence[str]) -> list[Step]:
    """The first 1, 2, ... of `order`, where some seed has all the networks."""
    found = []
    for count in range(1, len(order) + 1):
        tasks = tuple(order[:count])
        multi = mean_over_tasks([by_seed(results, tasks, task) for task in tasks])
        single = mean_over_tasks([by_seed(results, (task,), task) for task in tasks])
        if multi.keys() & single.keys():
            means = (interval(list(multi.values())), interval(list(single.values())))
            found.append(Step(count, *means, paired(multi, single)))
    return found


def mean_over_tasks(by_task: Sequence[dict[int, float]]) -> dict[int, float]:
    """Seed -> mean, for the seeds that every task has."""
    seeds = set.intersection(*(set(one) for one in by_task))
    return {seed: fmean(one[seed] for one in by_task) for seed in sorted(seeds)}


def verdicts(costs: Sequence[Cost], found: Sequence[Step], quick: bool) -> list[Verdict]:
    """Of memory and bytes, which are counted, and of accuracy, which is trained."""
    return [_one_backbone(costs), _scaling(found, quick)]


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
    measured = "; ".join(
        f"{step.tasks} tasks: {step.multi.text()} % against {step.single.text()} %, "
        f"{step.gain.text()} points"
        for step in found[1:]
    )
    if quick:
        why = "a rehearsal: too few steps (--quick)"
        return judge(SCALING, measured=measured, held=None, why=why)
    standings = [standing(step.gain) for step in found[1:]]
    if "loses" in standings:
        lost = [str(s.tasks) for s in found[1:] if standing(s.gain) == "loses"]
        why = f"with {', '.join(lost)} tasks the interval of the mean difference lies below 0"
        return judge(SCALING, measured=measured, held=False, why=why)
    if standings and all(one in ("beats", "matches") for one in standings):
        why = f"no interval of the mean difference reaches more than {MARGIN:g} point below 0"
        return judge(SCALING, measured=measured, held=True, why=why)
    return judge(SCALING, measured=measured, held=None, why="some interval reaches both ways")
