"""How split computing scales with the number of tasks, which the paper leaves open.

One backbone with one to six tasks of 3D Shapes, against as many single-task networks: accuracy,
weights on the edge, bytes sent, computing time on either side, and latency end to end.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd

from testbed.paper.links import IdealLink, scenario_link
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.tasks import compare as tasks_compare
from testbed.paper.tasks import figure as tasks_figure
from testbed.paper.tasks.cost import Cost, costs, run_split
from testbed.paper.training import curves
from testbed.paper.training.statistics import Comparison
from testbed.paper.training.trial import SIX_FACTORS as ORDER
from testbed.paper.training.trial import TEST_IMAGES, Trial, grid, six_factors
from testbed.paper.training.trials import run_trials, with_trials

COST_PX = 224
"""Input of the costs, as the paper's; accuracy is trained at a size two cores can do."""

ROUNDS, QUICK_ROUNDS = 60, 10
RUNS_OF = (1, 3, 6)
LINKS = ("gigabit", "wifi", "lte")
"""Scenarios whose links have one constant rate, fast to slow."""
FIGURE_LINK = "lte"


def plan(options: StudyOptions) -> list[Trial]:
    """Each task alone and the first 2, 3, ... together, for each seed."""
    together = [ORDER[:count] for count in range(2, len(ORDER) + 1)]
    groups = [*((task,) for task in ORDER), *together]
    return grid(six_factors(options), options.seeds, groups)


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Train, count, time and reckon; a full study runs the testbed too, where a link can be had.

    Raises BadInput where the project's scenarios are missing.
    """
    links = {name: scenario_link(name) for name in LINKS}
    backbone = six_factors(options).backbone
    results = run_trials(plan(options), options, say)
    steps = tasks_compare.steps(results, ORDER)
    say("timing both halves")
    cost = costs(backbone, ORDER, COST_PX, QUICK_ROUNDS if options.quick else ROUNDS)
    runs = [] if options.quick else _runs(backbone, say)
    drawn = tasks_figure.draw(steps, cost, links[FIGURE_LINK], runs, options.quick)
    caption = (
        f"{backbone} with the first tasks of {', '.join(ORDER)}: one shared backbone against as "
        "many single-task networks."
    )
    report = Report(
        name="tasks",
        title="How split computing scales with the number of tasks",
        tables=[
            _accuracy_table(steps),
            _cost_table(cost, [*links.values()]),
            *([_run_table(runs, cost, links)] if runs else []),
        ],
        drawings=[Drawing("tasks", drawn, caption), *curves.drawings(results, options.quick)],
        verdicts=tasks_compare.verdicts(cost, steps, options.quick),
        notes=_notes(bool(runs)),
    )
    return with_trials(report, options, results)


def _runs(backbone: str, say: Callable[[str], None]) -> list[dict[str, Any]]:
    found = []
    for link, count in product(LINKS, RUNS_OF):
        say(f"testbed run over {link}, {count} tasks")
        found.append(run_split(link, backbone, ORDER[:count], COST_PX, say))
    return [run for run in found if run is not None]


def _accuracy_table(steps: Mapping[int, Comparison]) -> Table:
    rows = [
        {"tasks": tasks, "added": ORDER[tasks - 1], **accuracy.columns("MTL", "STL")}
        for tasks, accuracy in steps.items()
    ]
    caption = "Mean accuracy over the tasks on the backbone, and of their single-task networks"
    return Table("accuracy", pd.DataFrame(rows).round(2), caption)


def _cost_table(found: Sequence[Cost], links: Sequence[IdealLink]) -> Table:
    rows = [
        {
            "tasks": cost.tasks,
            "networks": cost.way,
            "edge weights MB": cost.edge_bytes / 1e6,
            "server weights MB": cost.server_bytes / 1e6,
            "sent kB": cost.sent_bytes / 1e3,
            "edge ms": cost.edge_s * 1e3,
            "server ms": cost.server_s * 1e3,
            **{f"{link.name} ms": cost.latency_s(link) * 1e3 for link in links},
        }
        for cost in found
    ]
    caption = (
        f"Costs of one image at {COST_PX} px, float32: weights counted, computing timed in this "
        "process on one thread (medians of processor time, edge not slowed), latency reckoned for "
        "an ideal link"
    )
    return Table("costs", pd.DataFrame(rows).round(3), caption)


def _run_table(
    runs: Sequence[dict[str, Any]], found: Sequence[Cost], links: Mapping[str, IdealLink]
) -> Table:
    multi = {cost.tasks: cost for cost in found if cost.way == "MTL"}
    rows = [
        run | {"reckoned ms": multi[run["tasks"]].latency_s(links[run["link"]]) * 1e3}
        for run in runs
    ]
    caption = "Real runs (`testbed run`, emulated link, two processes) beside what was reckoned"
    return Table("runs", pd.DataFrame(rows).round(2), caption)


def _notes(ran: bool) -> list[str]:
    return [
        TEST_IMAGES,
        "Latency is reckoned as edge time, times the scenario's `edge.slowdown`, plus the features "
        "at the uplink's rate, plus one round trip, plus server time. N single-task networks "
        "compute one after another and may send all at once, so they too pay one round trip.",
        *([] if ran else ["No runs of the testbed beside it: a rehearsal, or no link to be had."]),
    ]
