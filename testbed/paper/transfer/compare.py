"""What each task gains or loses by each partner, and which of it is more than chance.

A gain counts where it is more than the margin, a loss likewise: whether a difference of less than a
point is real is not what is asked. Each cell stands for itself: Welch's t test (Welch 1947) of the
networks with the partner against those alone, with the variance of each.
Over all cells the false discovery rate is held at 5 % (Benjamini & Hochberg 1995).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from testbed.paper.claims import MARGIN, PAPER
from testbed.paper.training.arms import Arm, arm_of
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.statistics import CEILING, LEAST_SEEDS
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Claim, Verdict, Word, rehearsed

FALSE_DISCOVERY_RATE = 0.05
METHOD = (
    f"Welch's t tests of gains or losses of more than {MARGIN:g} point; false discovery rate 5 % "
    f"over all cells of which something may be claimed (Benjamini & Hochberg 1995): both arms have "
    f"learnt, and alone the target is below {CEILING:g} %"
)

STANDLEY = (
    'Standley et al., "Which tasks should be learned together in multi-task learning?", ICML 2020'
)
HELP = Claim(
    "Tasks trained together on one backbone help each other, or do no harm",
    f"{PAPER}, for the pairs it tries; against it {STANDLEY}",
    "published figures not at hand; Standley et al. find that the pair decides",
    f"no pair loses more than {MARGIN:g} point by the test, and every interval says so",
    f"some pair loses more than {MARGIN:g} point by the test",
)
CONFLICT = Claim(
    "Tasks that ask for other features harm each other (negative transfer)",
    STANDLEY,
    "many pairs of tasks do worse together than alone",
    f"some task loses more than {MARGIN:g} point beside one made to conflict, by the test",
    "no task does, and every interval says so",
)


@dataclass(frozen=True)
class Pairing:
    """A task beside a partner: both arms."""

    task: str
    partner: str
    alone: Arm
    beside: Arm

    @property
    def standing(self) -> str:
        """Why nothing is claimed of it; empty where something may be."""
        if self.alone.missing or self.beside.missing:
            return "undertrained"
        alone = fmean(self.alone.accuracy.values())
        return "at ceiling" if alone >= CEILING else ""


def pairings(
    results: Sequence[TrialResult], tasks: Sequence[str], partners: Sequence[str]
) -> list[Pairing]:
    """Every task with every partner for which there are networks."""
    found = []
    for task in tasks:
        alone = arm_of(results, (task,), task)
        for partner in (partner for partner in partners if partner != task):
            pairs = [(task, partner), (partner, task)]
            beside = next((p for p in pairs if any(r.trial.tasks == p for r in results)), pairs[0])
            found.append(Pairing(task, partner, alone, arm_of(results, beside, task)))
    return [each for each in found if each.alone.accuracy and each.beside.accuracy]


def transfers(found: Sequence[Pairing]) -> pd.DataFrame:
    """A row for each task and partner.

    single: mean accuracy alone, per cent. gain: mean with the partner minus that, in points; low,
    high: its 95 % interval by Welch, unknown from one seed. standing: "gains" or "loses" where more
    than the margin under the false discovery rate, "neither" where the interval lies within the
    margin, "undecided", or why nothing is claimed.
    """
    rows = [_row(pairing) for pairing in found]
    frame = pd.DataFrame(rows)
    claimable = frame.index[(frame["standing"] == "") & frame["p"].notna()]
    real: dict[Any, bool] = {}
    if len(claimable):
        adjusted = stats.false_discovery_control(frame.loc[claimable, "p"])
        real = dict(zip(claimable, adjusted <= FALSE_DISCOVERY_RATE, strict=True))
    standings = [
        row["standing"] or _standing(row, real.get(at, False)) for at, row in enumerate(rows)
    ]
    return frame.assign(standing=pd.Series(standings, dtype=object)).drop(columns="p")


def _standing(row: Mapping[str, Any], real: bool) -> str:
    if real:
        return "gains" if row["gain"] > 0 else "loses"
    return "neither" if row["low"] > -MARGIN and row["high"] < MARGIN else "undecided"


def _row(pairing: Pairing) -> dict[str, Any]:
    alone, beside = (list(arm.accuracy.values()) for arm in (pairing.alone, pairing.beside))
    gain = fmean(beside) - fmean(alone)
    low, high, p = welch(beside, alone)
    return {
        "task": pairing.task,
        "partner": pairing.partner,
        "single": fmean(alone),
        "gain": gain,
        "low": low,
        "high": high,
        "seeds": min(len(alone), len(beside)),
        "standing": pairing.standing,
        "p": p,
    }


def welch(beside: Sequence[float], alone: Sequence[float]) -> tuple[float, float, float]:
    """95 % interval of the difference of means, and p of its being no more than the margin.

    Two-sided: twice that of the side on which it lies. NaN from fewer than two values.
    """
    if min(len(beside), len(alone)) < 2:
        return nan, nan, nan
    gain = fmean(beside) - fmean(alone)
    if not np.var(beside) + np.var(alone):  # every network alike: certain, or within the margin
        return gain, gain, float(abs(gain) <= MARGIN)
    errors = [float(np.var(values, ddof=1)) / len(values) for values in (beside, alone)]
    error = sqrt(sum(errors))
    counts = (len(beside), len(alone))
    parts = sum(each**2 / (count - 1) for each, count in zip(errors, counts, strict=True))
    freedom = sum(errors) ** 2 / parts
    half = float(stats.t.ppf(0.975, freedom)) * error
    p = 2 * float(stats.t.sf((abs(gain) - MARGIN) / error, freedom))
    return gain - half, gain + half, min(1.0, p)


def verdicts(found: pd.DataFrame, quick: bool) -> list[Verdict]:
    """Of the tasks of the data set, and of those made to conflict."""
    made = found["partner"].isin([*CONFLICTS])
    return [
        _verdict(HELP, found[~made], False, quick),
        _verdict(CONFLICT, found[made], True, quick),
    ]


def _verdict(claim: Claim, cells: pd.DataFrame, claims_losses: bool, quick: bool) -> Verdict:
    counts = cells["standing"].value_counts()
    order = ("gains", "loses", "neither", "undecided", "at ceiling", "undertrained")
    counted = ", ".join(f"{counts[name]} {name}" for name in order if name in counts)
    found = f"of {len(cells)} combinations of task and partner: {counted}{_extremes(cells)}"
    if quick:
        return rehearsed(claim, found)
    word, why = _word(cells, claims_losses)
    seeds = int(cells["seeds"].min()) if len(cells) else 0
    few = "" if seeds >= LEAST_SEEDS else f", below the least of {LEAST_SEEDS}"
    sure = f"{METHOD}; {seeds} seeds{few}; equal steps only"
    if word == "undertrained":
        sure = f"not at all: {seeds} seed(s), and not learnt by the rule"
    return Verdict(claim, found, word, why, sure)


def _word(cells: pd.DataFrame, claims_losses: bool) -> tuple[Word, str]:
    """A loss decides; that there is none must be shown of every cell that may be claimed."""
    standings = cells["standing"]
    claimed = standings[~standings.isin(["undertrained", "at ceiling"])]
    if (claimed == "loses").any():
        return ("holds" if claims_losses else "does not hold"), "some loss is more than chance"
    if (standings == "undertrained").any():
        return "undertrained", f"{(standings == 'undertrained').sum()} cells have not learnt"
    if len(claimed) and claimed.isin(["gains", "neither"]).all():
        return ("does not hold" if claims_losses else "holds"), "every interval excludes a loss"
    return "undecided", "some interval reaches over the margin, or every target is at its ceiling"


def _extremes(cells: pd.DataFrame) -> str:
    if cells.empty:
        return ""
    rows = cells.to_dict("records")
    worst, best = (chosen(rows, key=lambda cell: cell["gain"]) for chosen in (min, max))
    return (
        f"; from {worst['gain']:+.1f} points ({worst['task']} with {worst['partner']}) "
        f"to {best['gain']:+.1f} ({best['task']} with {best['partner']})"
    )
