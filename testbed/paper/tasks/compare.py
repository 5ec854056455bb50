"""Accuracy against the number of tasks, and what memory, bytes and accuracy say of the claims."""

from collections.abc import Mapping, Sequence

from testbed.paper.claims import MARGIN, PAPER
from testbed.paper.tasks.cost import Cost
from testbed.paper.training.arms import arm_of, compare, judged, mean_over, sure_of
from testbed.paper.training.statistics import Comparison
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Claim, Verdict, rehearsed
from testbed.results.wording import size

ONE_BACKBONE = Claim(
    "One shared backbone serves any number of tasks with one network's memory and traffic at the "
    "edge; single-task networks need as many of each",
    f"{PAPER}, the architecture",
    "edge memory and bytes sent do not grow with the tasks",
    "weights at the edge and bytes sent are the same for every number of tasks, and N times as "
    "much for N networks",
    "they are not",
)
SCALING = Claim(
    "Open question: adding tasks to the shared backbone costs no accuracy",
    f"{PAPER}, which tries two and three tasks",
    "two or three tasks at or above single-task accuracy; more were not tried",
    f"for every number of tasks the 95 % interval of the mean difference above -{MARGIN:g} point",
    f"for some number below -{MARGIN:g} point",
)


def steps(results: Sequence[TrialResult], order: Sequence[str]) -> dict[int, Comparison]:
    """Number of tasks on one backbone -> mean accuracy over them, and of single-task networks.

    Of the first 1, 2, ... of `order`, where some seed has all the networks.
    """
    found = {}
    for count in range(1, len(order) + 1):
        tasks = tuple(order[:count])
        single = mean_over([arm_of(results, (task,), task) for task in tasks])
        multi = mean_over([arm_of(results, tasks, task) for task in tasks])
        found[count] = compare(single, multi)
    return {count: accuracy for count, accuracy in found.items() if accuracy is not None}


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
        found=f"{last} tasks: {size(multi.edge_bytes)} of weights on the edge and "
        f"{size(multi.sent_bytes)} sent, against {size(single.edge_bytes)} and "
        f"{size(single.sent_bytes)}",
        word="holds" if len(costs_of_one) == 1 and fewer else "does not hold",
        why=f"counted on the networks themselves, 1 to {last} tasks",
        sure="exact: counted, not measured",
    )


def _scaling(found: Mapping[int, Comparison], quick: bool) -> Verdict:
    added = {tasks: accuracy for tasks, accuracy in found.items() if tasks > 1}
    said = "; ".join(
        f"{tasks} tasks: {accuracy} ({accuracy.standing})" for tasks, accuracy in added.items()
    )
    if quick or not added:
        return rehearsed(SCALING, said)
    word, why = judged([*added.values()])
    return Verdict(SCALING, said, word, why, sure_of([*added.values()]))
