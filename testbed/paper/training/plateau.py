"""THE rule, fixed before any training: which networks have learnt enough to be compared.

The networks of one arm (one setting, a network a seed) have reached a plateau when their accuracy
on validation images will hardly grow over as many steps again. For each seed a straight line is
fitted by least squares to the evaluations of the last third of its training; its slope times a
third of the steps is what that network still gained. The unit of statistics is the seed: of these
gains a one-sided 95 % bound is taken by Student's t over the seeds, and the plateau is reached
where it lies below `STILL_GAINS`. Fitting each curve by itself and testing over seeds asks nothing
of how the evaluations of one curve depend on each other.

An arm that only guesses is flat too. It has learnt where the 95 % interval of its accuracy on the
test images lies above guessing. Both arms of a comparison are held to the same rule; where one
falls short the word is *undertrained*, whatever the numbers say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from testbed.paper.training.statistics import LEAST_SEEDS, interval

STILL_GAINS = 0.5
"""Points over the last third of a training from which it has not come to its end."""

CONFIDENCE = 0.95
LAST = 1 / 3
LEAST_LOOKS = 3
"""Evaluations in the last third that a line needs to say anything."""

WORDS = (
    f"a network has learnt when it is above guessing and gained less than {STILL_GAINS:g} points "
    f"over the last third of its training (least squares line through each seed's validation "
    f"curve, one-sided {CONFIDENCE:.0%} bound over seeds, at least {LEAST_SEEDS} of them)"
)
"""The rule for reports."""

Curve = Sequence[tuple[int, float]]
"""Steps, and accuracy in per cent after each, of one network."""


@dataclass(frozen=True)
class Learning:
    """gain: points over the last third, the mean over seeds; at_most: its bound. missing: what the
    rule finds wanting, in words; None where the arm has learnt.
    """

    gain: float | None
    at_most: float | None
    missing: str | None

    @property
    def learnt(self) -> bool:
        """Whether the arm may be compared."""
        return self.missing is None


def learning(curves: Sequence[Curve], accuracy: Sequence[float], guessing: float) -> Learning:
    """What the rule says of an arm: a curve and an accuracy (per cent) for each seed."""
    gains = [gained(curve) for curve in curves]
    known = [gain for gain in gains if gain is not None]
    if not known or len(known) < len(accuracy):
        return Learning(None, None, "no learning curve was kept")
    gain, at_most = float(np.mean(known)), upper_bound(known)
    return Learning(gain, at_most, _missing(gain, at_most, accuracy, guessing))


def _missing(
    gain: float, at_most: float | None, accuracy: Sequence[float], guessing: float
) -> str | None:
    if at_most is None or len(accuracy) < LEAST_SEEDS:
        return f"{len(accuracy)} seed(s) of at least {LEAST_SEEDS}"
    low, _ = interval(accuracy).ends
    if low is None or low <= guessing:
        return f"no better than guessing ({guessing:.1f} %)"
    if at_most >= STILL_GAINS:
        return f"gained {gain:+.1f} points over the last third (at most {at_most:.1f})"
    return None


def gained(curve: Curve) -> float | None:
    """Points over the last third by its line; None for a curve with too few evaluations there."""
    if not curve:
        return None
    end = curve[-1][0]
    late = [(step, value) for step, value in curve if step >= end * (1 - LAST)]
    if len(late) < LEAST_LOOKS:
        return None
    steps, values = np.array(late, float).T
    return float(stats.linregress(steps, values).slope * end * LAST)


def upper_bound(gains: Sequence[float]) -> float | None:
    """One-sided bound of their mean by Student's t; None from one."""
    count = len(gains)
    if count < 2:
        return None
    error = float(np.std(gains, ddof=1)) / sqrt(count)
    return float(np.mean(gains) + stats.t.ppf(CONFIDENCE, count - 1) * error)
