"""Quantiles of the binomial distribution.

From scipy.special: scipy.stats has the same, and takes every command half a second to import.
"""

from math import ceil, isnan

from scipy.special import bdtr, bdtrik


def quantile(share: float, trials: int, chance: float) -> int:
    """Fewest successes that at most so many of `trials` give in at least `share` of cases.

    share: between 0 and 1, both exclusive; chance: of one trial, 0 to 1.
    """
    guess = float(bdtrik(share, trials, chance))
    successes = 0 if isnan(guess) else max(0, ceil(guess))
    # The inverse is of a continuous function and may be off by one at either side of a step.
    while successes > 0 and bdtr(successes - 1, trials, chance) >= share:
        successes -= 1
    while successes < trials and bdtr(successes, trials, chance) < share:
        successes += 1
    return successes
