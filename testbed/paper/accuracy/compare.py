"""Multi-task against single-task accuracy, cell by cell, and what that says of the claim.

In two ways of being fair: *equal steps*, where every network takes the same steps over the same
images, so N single-task networks cost N times what the multi-task one does; and *equal compute*,
where the multi-task network of N tasks takes N times the steps, so its backbone sees as many images
as those of the N single-task networks together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from testbed.data.catalog import DATASETS, DEFAULT_TASKS
from testbed.paper.claims import ENCOURAGING
from testbed.paper.training.arms import arm_of, compare, judged, sure_of
from testbed.paper.training.statistics import Comparison
from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Claim, Verdict, rehearsed

Fairness = Literal["equal steps", "equal compute"]
FAIRNESS: tuple[Fairness, ...] = ("equal steps", "equal compute")


@dataclass(frozen=True)
class Cell:
    """One task of one data set with one backbone. setting: its trials without tasks and seed."""

    setting: Trial
    fairness: Fairness
    task: str
    accuracy: Comparison

    @property
    def chance(self) -> float:
        """What guessing among equally frequent classes gets, in per cent."""
        return 100 / DATASETS[self.setting.dataset][self.task]


def multi_task(setting: Trial, fairness: Fairness) -> Trial:
    """The trial of all tasks together, without a seed."""
    tasks = DEFAULT_TASKS[setting.dataset]
    times = len(tasks) if fairness == "equal compute" else 1
    return replace(setting, tasks=tasks, steps=times * setting.steps)


def cells_of(settings: Sequence[Trial], results: Sequence[TrialResult]) -> list[Cell]:
    """Every task of every setting, both ways, for which some seed has both networks."""
    found = []
    for setting in settings:
        alone = [r for r in results if replace(r.trial, tasks=(), seed=0) == setting]
        for fairness in FAIRNESS:
            wanted = multi_task(setting, fairness)
            together = [r for r in results if replace(r.trial, seed=0) == wanted]
            for task in wanted.tasks if together else ():
                single, multi = arm_of(alone, (task,), task), arm_of(together, wanted.tasks, task)
                accuracy = compare(single, multi)
                if accuracy is not None:
                    found.append(Cell(setting, fairness, task, accuracy))
    return found


def encouraging(where: str) -> Claim:
    """The claim about some of the paper's networks."""
    return replace(ENCOURAGING, text=f"{where}: {ENCOURAGING.text}")


def verdicts(found: Sequence[Cell], quick: bool) -> list[Verdict]:
    """One for each data set, backbone and way; the cells of one follow each other."""
    grouped = groupby(found, key=lambda cell: (cell.setting, cell.fairness))
    return [_verdict(list(of), quick) for _, of in grouped]


def _verdict(of: Sequence[Cell], quick: bool) -> Verdict:
    setting = of[0].setting
    claim = encouraging(f"{setting.dataset}, {setting.backbone}, {of[0].fairness}")
    said = "; ".join(f"{cell.task}: {cell.accuracy} ({cell.accuracy.standing})" for cell in of)
    if quick:
        return rehearsed(claim, said)
    word, why = judged([cell.accuracy for cell in of])
    return Verdict(claim, said, word, why, sure_of([cell.accuracy for cell in of]))
