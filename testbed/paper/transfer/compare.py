"""What each task gains or loses by each partner, and which of it is more than chance.

Few seeds say little of one cell's spread, so the cells of a task share one: the differences'
variance is pooled over its partners (as in an analysis of variance). Over all cells the false
discovery rate is held at 5 % (Benjamini & Hochberg 1995).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from testbed.paper.claims import PAPER
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.report import by_seed
from testbed.paper.training.trials import TrialResult
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


@dataclass(frozen=True)
class Transfer:
    """gain: mean of pair minus single-task accuracy of `task`, in points, over `seeds` seeds.

    half: of its 95 % interval, None from one seed. significant: under the false discovery rate.
    """

    task: str
    partner: str
    single: float
    gain: float
    half: float | None
    seeds: int
    significant: bool


Gains = Mapping[tuple[str, str], Sequence[float]]


def gains(
    results: Sequence[TrialResult], tasks: Sequence[str], partners: Sequence[str]
) -> dict[tuple[str, str], list[float]]:
    """(task, partner) -> differences in points, one a seed that has both networks."""
    found = {}
    for task in tasks:
        alone = by_seed(results, (task,), task)
        for partner in partners:
            if partner == task:
                continue
            together = {
                **by_seed(results, (task, partner), task),
                **by_seed(results, (partner, task), task),
            }
            differences = [together[seed] - alone[seed] for seed in alone if seed in together]
            if differences:
                found[task, partner] = differences
    return found


def transfers(differences: Gains, single: Mapping[str, float]) -> list[Transfer]:
    """Every cell with its interval; `single`: task -> mean single-task accuracy in per cent."""
    spreads = {
        task: _pooled(differences, task) for task in dict.fromkeys(t for t, _ in differences)
    }
    p_values = {cell: _p_value(values, *spreads[cell[0]]) for cell, values in differences.items()}
    found = _discoveries({cell: p for cell, p in p_values.items() if p is not None})
    return [
        Transfer(
            task=task,
            partner=partner,
            single=single[task],
            gain=float(np.mean(values)),
            half=_half(len(values), *spreads[task]),
            seeds=len(values),
            significant=(task, partner) in found,
        )
        for (task, partner), values in differences.items()
    ]


def _pooled(differences: Gains, task: str) -> tuple[float, int]:
    """Standard deviation of a difference within a cell of this task, and degrees of freedom."""
    of = [np.asarray(values) for (of_task, _), values in differences.items() if of_task == task]
    freedom = sum(len(values) - 1 for values in of)
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in of)
    return (sqrt(squares / freedom) if freedom else 0.0), freedom


def _p_value(values: Sequence[float], spread: float, freedom: int) -> float | None:
    """Two-sided, that the mean is 0; None where nothing is known of the spread."""
    if not freedom:
        return None
    mean = float(np.mean(values))
    if spread == 0:
        return 0.0 if mean else 1.0
    return float(2 * stats.t.sf(abs(mean) / (spread / sqrt(len(values))), freedom))


def _half(count: int, spread: float, freedom: int) -> float | None:
    return float(stats.t.ppf(0.975, freedom)) * spread / sqrt(count) if freedom else None


def _discoveries(p_values: Mapping[tuple[str, str], float]) -> set[tuple[str, str]]:
    if not p_values:
        return set()
    adjusted = stats.false_discovery_control(list(p_values.values()))
    return {cell for cell, q in zip(p_values, adjusted, strict=True) if q <= FALSE_DISCOVERY_RATE}


def verdicts(found: Sequence[Transfer], quick: bool) -> list[Verdict]:
    """Of the tasks of the data set, and of those made to conflict."""
    natural = [cell for cell in found if cell.partner not in CONFLICTS]
    made = [cell for cell in found if cell.partner in CONFLICTS]
    lost, hurt = _losses(natural), _losses(made)
    return [
        _verdict(HELP, natural, not lost, quick),
        _verdict(CONFLICT, made, bool(hurt), quick),
    ]


def _losses(cells: Sequence[Transfer]) -> list[Transfer]:
    return [cell for cell in cells if cell.significant and cell.gain < 0]


def _verdict(claim: Claim, cells: Sequence[Transfer], held: bool, quick: bool) -> Verdict:
    gained = [cell for cell in cells if cell.significant and cell.gain > 0]
    lost = _losses(cells)
    measured = (
        f"of {len(cells)} combinations of task and partner {len(gained)} gain and {len(lost)} "
        f"lose significantly{_extremes(cells)}"
    )
    tested = any(cell.half is not None for cell in cells)
    if quick:
        return rehearsed(claim, measured)
    if not tested:
        return Verdict(claim, measured=measured, held=None, why="one seed: no significance")
    return Verdict(claim, measured=measured, held=held, why=METHOD)


def _extremes(cells: Sequence[Transfer]) -> str:
    if not cells:
        return ""
    worst, best = (chosen(cells, key=lambda cell: cell.gain) for chosen in (min, max))
    return (
        f"; from {worst.gain:+.1f} points ({worst.task} with {worst.partner}) "
        f"to {best.gain:+.1f} ({best.task} with {best.partner})"
    )
