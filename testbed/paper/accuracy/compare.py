"""Multi-task against single-task accuracy, cell by cell, and what that says of the claim."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from testbed.data.catalog import DATASETS, DEFAULT_TASKS
from testbed.paper.claims import ENCOURAGING
from testbed.paper.training.statistics import MARGIN, Comparison, Standing, compare, no_loss
from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import TrialResult, by_seed
from testbed.paper.verdict import Claim, Verdict, rehearsed

NEAR_CHANCE = 3.0
"""Points above guessing up to which neither network has learned enough to be compared."""

CellStanding = Standing | Literal["at chance"]


@dataclass(frozen=True)
class Cell:
    """One task of one data set with one backbone. setting: its trials without tasks and seed."""

    setting: Trial
    task: str
    accuracy: Comparison

    @property
    def chance(self) -> float:
        """What guessing among equally frequent classes gets, in per cent."""
        return 100 / DATASETS[self.setting.dataset][self.task]

    @property
    def standing(self) -> CellStanding:
        """As of the comparison, where some network has learned anything."""
        best = max(self.accuracy.single.mean, self.accuracy.multi.mean)
        return "at chance" if best < self.chance + NEAR_CHANCE else self.accuracy.standing


def cells_of(settings: Sequence[Trial], results: Sequence[TrialResult]) -> list[Cell]:
    """Every task of every setting for which some seed has both networks."""
    found = []
    for setting in settings:
        own = [r for r in results if replace(r.trial, tasks=(), seed=0) == setting]
        tasks = DEFAULT_TASKS[setting.dataset]
        for task in tasks:
            accuracy = compare(by_seed(own, (task,), task), by_seed(own, tasks, task))
            if accuracy is not None:
                found.append(Cell(setting, task, accuracy))
    return found


def encouraging(where: str) -> Claim:
    """The claim about some of the paper's networks."""
    return replace(ENCOURAGING, text=f"{where}: {ENCOURAGING.text}")


def verdicts(found: Sequence[Cell], quick: bool) -> list[Verdict]:
    """One for each data set and backbone; the cells of one follow each other."""
    grouped = groupby(found, key=lambda cell: cell.setting)
    return [_verdict(setting, list(of), quick) for setting, of in grouped]


def _verdict(setting: Trial, of: Sequence[Cell], quick: bool) -> Verdict:
    claim = encouraging(f"{setting.dataset}, {setting.backbone}")
    measured = "; ".join(f"{cell.task}: {cell.accuracy} ({cell.standing})" for cell in of)
    if quick:
        return rehearsed(claim, measured)
    standings = [cell.standing for cell in of]
    undecided = f"some interval reaches from a loss of more than {MARGIN:g} point to a gain"
    if "at chance" in standings:
        undecided = "trained so briefly, neither network does better than guessing on some task"
    why = {
        True: f"no task's interval reaches more than {MARGIN:g} point below single-task",
        False: "the interval of at least one task's difference lies below 0 and the margin",
        None: undecided,
    }
    held = no_loss(standings)
    return Verdict(claim, measured, held, why[held])
