"""Quantiles of the binomial distribution against scipy.stats, which has them too."""

import pytest
from scipy.stats import binom

from emulation import binomial


@pytest.mark.parametrize("trials", [1, 2, 5, 24, 240, 5000, 100_000])
@pytest.mark.parametrize("chance", [0.0, 1e-4, 0.01, 0.3, 0.5, 0.95, 0.999, 1.0])
def test_the_same_quantiles(trials: int, chance: float) -> None:
    for share in (0.005, 0.025, 0.5, 0.975, 0.995):
        assert binomial.quantile(share, trials, chance) == binom.ppf(share, trials, chance)
