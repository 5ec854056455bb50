"""Multi-task against single-task accuracy, cell by cell, and what that says of the claim."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from testbed.data.catalog import DATASETS, DEFAULT_TASKS
from testbed.paper.claims import ENCOURAGING
from testbed.paper.training.report import by_seed
from testbed.paper.training.statistics import Interval, interval, paired
from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Verdict, judge

MARGIN = 1.0
"""Points of accuracy by which multi-task may fall short and still match."""

NEAR_CHANCE = 3.0
"""Points above guessing up to which neither network has learned enough to be compared."""

Standing = Literal["beats", "matches", "loses", "undecided", "at chance"]


@dataclass(frozen=True)
class Cell:
    """One task of one data set with one backbone, all in per cent; None without any result."""

    setting: Trial
    task: str
    single: Interval
    multi: Interval
    gain: Interval

    @property
    def chance(self) -> float:
        """What guessing among equally frequent classes gets, in per cent."""
        return 100 / DATASETS[self.setting.dataset][self.task]

    @property
    def standing(self) -> Standing:
        """Whether multi-task does better, as well within `MARGIN`, worse, or nobody can say."""
        if max(self.single.mean, self.multi.mean) < self.chance + NEAR_CHANCE:
            return "at chance"
        return standing(self.gain)


def standing(gain: Interval) -> Standing:
    """From the paired interval of multi-task minus single-task, in points."""
    if gain.low is None or gain.high is None:
        return "undecided"
    if gain.low > 0:
        return "beats"
    if gain.low >= -MARGIN:
        return "matches"
    return "loses" if gain.high < 0 else "undecided"


def cells(settings: Sequence[Trial], results: Sequence[TrialResult]) -> list[Cell]:
    """Every task of every setting for which some seed has both networks."""
    found = []
    for setting in settings:
        own = [o for o in results if _setting_of(o.trial) == setting]
        tasks = DEFAULT_TASKS[setting.dataset]
        for task in tasks:
            single, multi = by_seed(own, (task,), task), by_seed(own, tasks, task)
            if single.keys() & multi.keys():
                values = (interval(list(single.values())), interval(list(multi.values())))
                found.append(Cell(setting, task, *values, paired(multi, single)))
    return found


def verdicts(found: Sequence[Cell], quick: bool) -> list[Verdict]:
    """One for each data set and backbone."""
    grouped: dict[Trial, list[Cell]] = {}
    for cell in found:
        grouped.setdefault(cell.setting, []).append(cell)
    return [_verdict(setting, of, quick) for setting, of in grouped.items()]


def _setting_of(point: Trial) -> Trial:
    return replace(point, tasks=(), seed=0)


def _verdict(setting: Trial, of: Sequence[Cell], quick: bool) -> Verdict:
    claim = replace(ENCOURAGING, text=f"{setting.dataset}, {setting.backbone}: {ENCOURAGING.text}")
    measured = "; ".join(
        f"{cell.task}: {cell.multi.text()} % against {cell.single.text()} %, "
        f"{cell.gain.text()} points ({cell.standing})"
        for cell in of
    )
    if quick:
        return judge(
            claim, measured=measured, held=None, why="a rehearsal: too few steps (--quick)"
        )
    held, why = conclusion([cell.standing for cell in of])
    return judge(claim, measured=measured, held=held, why=why)


def conclusion(standings: Sequence[Standing]) -> tuple[bool | None, str]:
    """Whether the claim holds for tasks that stand so, and why; None if they do not tell."""
    if "loses" in standings:
        return False, "the interval of at least one task's difference lies below 0 and the margin"
    if all(one in ("beats", "matches") for one in standings):
        return True, f"no task's interval reaches more than {MARGIN:g} point below single-task"
    if "at chance" in standings:
        return None, "trained so briefly, neither network does better than guessing on some task"
    return None, f"some interval reaches from a loss of more than {MARGIN:g} point to a gain"
