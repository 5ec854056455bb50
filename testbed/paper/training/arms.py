"""The arms of a comparison: the networks of one setting and task, a network a seed.

And the word that comparisons of them allow on a claim that multi-task is as accurate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from testbed.paper.claims import MARGIN
from testbed.paper.training.plateau import learning
from testbed.paper.training.statistics import LEAST_SEEDS, Comparison, interval, paired
from testbed.paper.training.trials import TrialResult
from testbed.paper.verdict import Word

NAMED = 4
"""Arms of one reason that are named; the others are counted."""


@dataclass(frozen=True)
class Arm:
    """accuracy: seed -> per cent of the test images right. missing: what the rule of `plateau.py`
    finds wanting, in words; none where it has learnt.
    """

    accuracy: Mapping[int, float]
    missing: tuple[str, ...] = ()


def arm_of(results: Sequence[TrialResult], tasks: Sequence[str], task: str) -> Arm:
    """Of `task`, of the networks trained for exactly `tasks`. All of one setting but for seeds."""
    own = [r for r in results if r.trial.tasks == tuple(tasks) and r.failed is None]
    accuracy = {result.trial.seed: 100 * result.accuracy[task] for result in own}
    if not own:
        return Arm({}, (f"{task}: no network",))
    guessing = 100 * max(result.guessing[task] for result in own)
    found = learning([r.curve_of(task) for r in own], list(accuracy.values()), guessing)
    name = f"{task} {'alone' if len(tasks) == 1 else 'with ' + _others(tasks, task)}"
    return Arm(accuracy, () if found.missing is None else (f"{name}: {found.missing}",))


def _others(tasks: Sequence[str], task: str) -> str:
    others = [other for other in tasks if other != task]
    return others[0] if len(others) == 1 else f"{len(others)} others"


def mean_over(arms: Sequence[Arm]) -> Arm:
    """Mean accuracies of the seeds that all have; it is missing what any of them is."""
    seeds = set.intersection(*(set(arm.accuracy) for arm in arms))
    means = {seed: fmean(arm.accuracy[seed] for arm in arms) for seed in sorted(seeds)}
    return Arm(means, tuple(words for arm in arms for words in arm.missing))


def compare(single: Arm, multi: Arm) -> Comparison | None:
    """Two arms; None if they have no seed in common."""
    gains = paired(multi.accuracy, single.accuracy)
    if not gains:
        return None
    one, other = (interval(list(arm.accuracy.values())) for arm in (single, multi))
    return Comparison(one, other, interval(gains), (*single.missing, *multi.missing))


def judged(found: Sequence[Comparison]) -> tuple[Word, str]:
    """The word on the claim that multi-task is as accurate, and why."""
    missing = [words for comparison in found for words in comparison.undertrained]
    if missing:
        return "undertrained", _in_words(missing)
    standings = {comparison.standing for comparison in found} - {"at ceiling"}
    if "loses" in standings:
        return "does not hold", f"some interval lies below -{MARGIN:g} point"
    if not standings:
        return "undecided", "every target sits at its ceiling alone"
    if standings <= {"beats", "matches"}:
        return "holds", f"every interval lies above -{MARGIN:g} point"
    return "undecided", f"some interval reaches over -{MARGIN:g} point"


def _in_words(missing: Sequence[str]) -> str:
    """The arms of each reason, a few of them by name."""
    arms: dict[str, list[str]] = {}
    for words in dict.fromkeys(missing):
        arm, _, reason = words.partition(": ")
        arms.setdefault(reason, []).append(arm)
    said = []
    for reason, names in arms.items():
        more = f" and {len(names) - NAMED} other arms" if len(names) > NAMED else ""
        said.append(f"{', '.join(names[:NAMED])}{more}: {reason}")
    return "; ".join(said)


def sure_of(found: Sequence[Comparison]) -> str:
    """What the intervals rest on."""
    seeds = min(comparison.gain.count for comparison in found)
    if any(comparison.undertrained for comparison in found):
        return f"not at all: {seeds} seed(s), and not learnt by the rule"
    few = "" if seeds >= LEAST_SEEDS else f", below the least of {LEAST_SEEDS}"
    return f"95 % intervals over {seeds} seeds{few}, paired; one setting, one set of test images"
