"""Single-task against multi-task accuracy, with intervals over seeds."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from testbed.paper.accuracy import compare as accuracy_compare
from testbed.paper.accuracy import figure as accuracy_figure
from testbed.paper.accuracy import plan as accuracy_plan
from testbed.paper.accuracy.compare import Cell
from testbed.paper.claims import ENCOURAGING
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.training.report import with_trials
from testbed.paper.training.statistics import MARGIN
from testbed.paper.training.trials import run_trials
from testbed.paper.verdict import Verdict

_NEED_FILES = ("medic", "faces")


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Train every network, or take what an earlier run left, and compare.

    Raises BadInput for files that cannot be used.
    """
    settings = accuracy_plan.settings(options)
    results = run_trials(accuracy_plan.plan(options), options, say)
    cells = accuracy_compare.cells(settings, results)
    caption = (
        "Accuracy on the test split, single-task (STL) and multi-task (MTL): mean and 95 % "
        f"interval over {len(options.seeds)} seed(s); the grey mark is guessing."
    )
    report = Report(
        name="accuracy",
        title="Single-task and multi-task accuracy",
        tables=[_table(cells)],
        drawings=[Drawing("accuracy", accuracy_figure.draw(cells, options.quick), caption)],
        verdicts=[*accuracy_compare.verdicts(cells, options.quick), *_not_given(options)],
        notes=_notes(),
    )
    return with_trials(report, options, results)


def _table(cells: Sequence[Cell]) -> Table:
    rows = [
        {
            "data set": cell.setting.dataset,
            "backbone": cell.setting.backbone,
            "task": cell.task,
            "guessing %": cell.chance,
            **cell.accuracy.columns("STL", "MTL"),
            "MTL": cell.standing,
        }
        for cell in cells
    ]
    caption = (
        "Accuracy in per cent and half of its 95 % interval; the difference in points, paired by "
        "seed, with its interval"
    )
    return Table("accuracy", pd.DataFrame(rows).round(2), caption)


def _not_given(options: StudyOptions) -> list[Verdict]:
    """The paper's real data sets are not free to pass on: without them the claim stays untried."""
    return [
        Verdict(
            replace(ENCOURAGING, text=f"{name}: {ENCOURAGING.text}"),
            measured=f"nothing: {name} was not given",
            held=None,
            why=f"needs the files: --data {name}=PATH trains it by the published recipe",
        )
        for name in _NEED_FILES
        if name not in options.data
    ]


def _notes() -> list[str]:
    return [
        "Networks of one seed share the order of images and the noise; single-task and multi-task "
        "networks take the same number of steps over the same images, so a multi-task network "
        f"costs about as much to train as *one* single-task network. MTL *matches* when its "
        f"interval stays above -{MARGIN:g} point, *beats* when it stays above 0, *loses* when it "
        "stays below 0.",
        "Seeds vary initial weights, order and noise, not which images of a split are used. "
        "MEDIC and FACES take the published recipe (224 px, 30 epochs, batch 32, lr 1e-4; VGG16 on "
        "FACES batch 64, lr 1e-3; ImageNet weights on FACES); generated data takes the settings "
        "in the table below, from scratch.",
    ]
