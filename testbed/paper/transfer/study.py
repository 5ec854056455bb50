"""Which tasks help and which harm each other on one backbone (task transfer).

All 15 pairs of the six factors of 3D Shapes, each factor beside two tasks made to conflict, and
each alone, as in Standley et al., "Which tasks should be learned together in multi-task
learning?", ICML 2020.
"""

from collections.abc import Callable
from itertools import combinations

import pandas as pd

from testbed.data.factors import FACTORS
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.training import curves
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.trial import SIX_FACTORS as ORDER
from testbed.paper.training.trial import TEST_IMAGES, Trial, grid, six_factors
from testbed.paper.training.trials import run_trials, with_trials
from testbed.paper.transfer import compare as transfer_compare
from testbed.paper.transfer import figure as transfer_figure
from testbed.paper.transfer.compare import METHOD

PARTNERS = (*ORDER, *CONFLICTS)
MARKS = {"gains": "*", "loses": "*", "undertrained": " u", "at ceiling": " c"}

NOTES = (
    "Pair and single-task networks take the same steps over the same images, so a pair sees "
    "each image as often as either network alone, and its backbone serves two tasks.",
    "`shuffled_shape`: the shape's four names, dealt anew by a fixed seed for each combination "
    "of the three colours, so shape and colours must be learned together and by heart. "
    "`random`: ten classes by lot for each image, to be learned by heart and unknowable on "
    "other images. What counts is what they do to the task beside them.",
    TEST_IMAGES,
)


def plan(options: StudyOptions) -> list[Trial]:
    """For each seed: each task alone, each pair, each task with each conflicting one."""
    groups = [
        *((task,) for task in ORDER),
        *combinations(ORDER, 2),
        *((task, conflict) for task in ORDER for conflict in CONFLICTS),
    ]
    return grid(six_factors(options), options.seeds, groups)


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Train every network, or take what an earlier run left, and compare."""
    results = run_trials(plan(options), options, say)
    found = transfer_compare.transfers(transfer_compare.pairings(results, ORDER, PARTNERS))
    drawn = transfer_figure.draw(found, ORDER, PARTNERS, options.quick)
    caption = (
        "Accuracy of each task (row) trained together with each other (column) minus its accuracy "
        "alone (in brackets), in points; the last two columns are tasks made to conflict."
    )
    report = Report(
        name="transfer",
        title="Which tasks help and which harm each other",
        tables=[_map_table(found), _cell_table(found)],
        drawings=[
            Drawing("transfer", drawn, caption),
            *curves.drawings(results, options.quick),
        ],
        verdicts=transfer_compare.verdicts(found, options.quick),
        notes=NOTES,
    )
    return with_trials(report, options, results, METHOD)


def _map_table(found: pd.DataFrame) -> Table:
    single = dict(zip(found["task"], found["single"], strict=True))
    texts = {
        (cell["task"], cell["partner"]): f"{cell['gain']:+.1f}{MARKS.get(cell['standing'], '')}"
        for cell in found.to_dict("records")
    }
    rows = [
        {"task": task, "guessing %": 100 / FACTORS[task], "alone %": single.get(task)}
        | {f"with {partner}": texts.get((task, partner), "") for partner in PARTNERS}
        for task in ORDER
    ]
    caption = (
        "Gain (+) or loss (-) of each task by each partner, in points; * more than chance and the "
        "margin, u undertrained, c at its ceiling alone"
    )
    return Table("map", pd.DataFrame(rows).round(1), caption)


def _cell_table(found: pd.DataFrame) -> Table:
    frame = found.round(2)
    ranked = frame.reindex(frame["gain"].abs().sort_values(ascending=False).index)
    caption = "Every task and partner (points, and the 95 % interval); the ten largest"
    return Table("transfer", frame, caption, shown=ranked.head(10))
