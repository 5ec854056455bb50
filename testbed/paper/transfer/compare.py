"""What each task gains or loses by each partner, and which of it is more than chance.

Few seeds say little of one cell's spread, so the cells of a task share one: the differences'
variance is pooled over its partners (as in an analysis of variance). Over all cells the false
discovery rate is held at 5 % (Benjamini & Hochberg 1995).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from testbed.paper.claims import PAPER
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.statistics import paired
from testbed.paper.training.trials import TrialResult, by_seed
from testbed.paper.verdict import Claim, Verdict, rehearsed

FALSE_DISCOVERY_RATE = 0.05
METHOD = (
    "differences paired by seed; t tests with the variance pooled over a task's partners; false "
    "discovery rate 5 % over all cells (Benjamini & Hochberg 1995)"
)

STANDLEY = (
    'Standley et al., "Which tasks should be learned together in multi-task learning?", ICML 2020'
)
HELP = Claim(
    "Tasks trained together on one backbone help each other, or do no harm",
    f"{PAPER}, for the pairs it tries; against it {STANDLEY}",
    "published figures not at hand; Standley et al. find that the pair decides",
)
CONFLICT = Claim(
    "Tasks that ask for other features harm each other (negative transfer)",
    STANDLEY,
    "many pairs of tasks do worse together than alone",
)

Gains = Mapping[tuple[str, str], Sequence[float]]


def gains(
    results: Sequence[TrialResult], tasks: Sequence[str], partners: Sequence[str]
) -> dict[tuple[str, str], list[float]]:
    """(task, partner) -> differences in points, one a seed that has both networks."""
    found = {}
    for task in tasks:
        alone = by_seed(results, (task,), task)
        for partner in (partner for partner in partners if partner != task):
            pairs = ((task, partner), (partner, task))
            together = {k: v for pair in pairs for k, v in by_seed(results, pair, task).items()}
            found[task, partner] = paired(together, alone)
    return {cell: differences for cell, differences in found.items() if differences}


def transfers(differences: Gains, single: Mapping[str, float]) -> pd.DataFrame:
    """A row for each task and partner; `single`: task -> mean single-task accuracy in per cent.

    gain: mean of pair minus single-task accuracy of `task`, in points, over `seeds` seeds. half: of
    its 95 % interval, unknown from one seed. significant: under the false discovery rate.
    """
    found = pd.DataFrame(
        [
            {
                "task": task,
                "partner": partner,
                "single": single[task],
                "gain": float(np.mean(values)),
                "squares": float(np.var(values)) * len(values),
                "seeds": len(values),
            }
            for (task, partner), values in differences.items()
        ]
    )
    of_task = found.groupby("task")
    freedom = of_task["seeds"].transform("sum") - of_task["seeds"].transform("size")
    variance = of_task["squares"].transform("sum") / freedom  # NaN from one seed: so is the rest
    error = np.sqrt(variance / found["seeds"])
    half = stats.t.ppf(0.975, freedom) * error
    p_value = 2 * pd.Series(stats.t.sf(found["gain"].abs() / error, freedom))
    without_spread = (found["gain"] == 0).astype(float)  # then a gain is certain, or there is none
    tested = p_value.where(error != 0, without_spread).dropna()
    real = tested[stats.false_discovery_control(tested) <= FALSE_DISCOVERY_RATE].index
    columns = ["task", "partner", "single", "gain", "half", "seeds", "significant"]
    return found.assign(half=half, significant=found.index.isin(real))[columns]


def verdicts(found: pd.DataFrame, quick: bool) -> list[Verdict]:
    """Of the tasks of the data set, and of those made to conflict."""
    made = found["partner"].isin([*CONFLICTS])
    return [
        _verdict(HELP, found[~made], False, quick),
        _verdict(CONFLICT, found[made], True, quick),
    ]


def _verdict(claim: Claim, cells: pd.DataFrame, claims_losses: bool, quick: bool) -> Verdict:
    certain = cells[cells["significant"]]["gain"]
    gained, lost = int((certain > 0).sum()), int((certain < 0).sum())
    measured = (
        f"of {len(cells)} combinations of task and partner {gained} gain and {lost} "
        f"lose significantly{_extremes(cells)}"
    )
    if quick:
        return rehearsed(claim, measured)
    if cells["half"].isna().all():
        return Verdict(claim, measured, None, "one seed: no significance")
    return Verdict(claim, measured, (lost > 0) == claims_losses, METHOD)


def _extremes(cells: pd.DataFrame) -> str:
    if cells.empty:
        return ""
    rows = cells.to_dict("records")
    worst, best = (chosen(rows, key=lambda cell: cell["gain"]) for chosen in (min, max))
    return (
        f"; from {worst['gain']:+.1f} points ({worst['task']} with {worst['partner']}) "
        f"to {best['gain']:+.1f} ({best['task']} with {best['partner']})"
    )
