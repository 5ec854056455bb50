"""Accuracy against the number of tasks, and what memory, bytes and accuracy say of the claims."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from testbed.paper.claims import PAPER
from testbed.paper.tasks.cost import Cost
from testbed.paper.training.statistics import MARGIN, Comparison, compare, no_loss
from testbed.paper.training.trials import TrialResult, by_seed
from testbed.paper.verdict import Claim, Verdict, rehearsed
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


def steps(results: Sequence[TrialResult], order: Sequence[str]) -> dict[int, Comparison]:
    """Number of tasks on one backbone -> mean accuracy over them, and of single-task networks.

    Of the first 1, 2, ... of `order`, where some seed has all the networks.
    """
    found = {}
    for count in range(1, len(order) + 1):
        tasks = tuple(order[:count])
        single = mean_over_tasks([by_seed(results, (task,), task) for task in tasks])
        multi = mean_over_tasks([by_seed(results, tasks, task) for task in tasks])
        found[count] = compare(single, multi)
    return {count: accuracy for count, accuracy in found.items() if accuracy is not None}


def mean_over_tasks(by_task: Sequence[dict[int, float]]) -> dict[int, float]:
    """Seed -> mean, for the seeds that every task has."""
    seeds = set.intersection(*(set(one) for one in by_task))
    return {seed: fmean(one[seed] for one in by_task) for seed in sorted(seeds)}


def verdicts(costs: Sequence[Cost], found: Mapping[int, Comparison], quick: bool) -> list[Verdict]:
    """Of memory and bytes, which are counted, and of accuracy, which is trained."""
    return [_one_backbone(costs), _scaling(found, quick)]


def _one_backbone(costs: Sequence[Cost]) -> Verdict:
    last = costs[-1].tasks
    of_last = {cost.way: cost for cost in costs if cost.tasks == last}
    multi, single = of_last["MTL"], of_last["STL x N"]
    costs_of_one = {(cost.edge_bytes, cost.sent_bytes) for cost in costs if cost.way == "MTL"}
    fewer = multi.edge_bytes * last == single.edge_bytes
    return Verdict(
        ONE_BACKBONE,
        measured=f"{last} tasks: {size(multi.edge_bytes)} of weights on the edge and "
        f"{size(multi.sent_bytes)} sent, against {size(single.edge_bytes)} and "
        f"{size(single.sent_bytes)}",
        held=len(costs_of_one) == 1 and fewer,
        why=f"counted on the networks themselves, 1 to {last} tasks",
    )


def _scaling(found: Mapping[int, Comparison], quick: bool) -> Verdict:
    added = {tasks: accuracy for tasks, accuracy in found.items() if tasks > 1}
    measured = "; ".join(f"{tasks} tasks: {accuracy}" for tasks, accuracy in added.items())
    if quick:
        return rehearsed(SCALING, measured)
    lost = [str(tasks) for tasks, accuracy in added.items() if accuracy.standing == "loses"]
    why = {
        True: f"no interval of the mean difference reaches more than {MARGIN:g} point below 0",
        False: f"with {', '.join(lost)} tasks the interval of the mean difference lies below 0",
        None: "some interval reaches both ways",
    }
    held = no_loss([accuracy.standing for accuracy in added.values()])
    return Verdict(SCALING, measured, held, why[held])
