"""Delays come out as netem's tables would make them."""

from itertools import islice
from typing import get_args

import numpy as np
import pytest

from emulation.lane.jitter import TABLE_LIMIT, delays, deviations
from emulation.spec import Distribution, LaneSpec


def test_normal_has_the_jitter_as_standard_deviation() -> None:
    x = deviations("normal", np.random.default_rng(1), 400_000)
    assert x.mean() == pytest.approx(0, abs=0.01)
    assert x.std() == pytest.approx(1, abs=0.01)


def test_uniform_spreads_the_jitter_to_either_side() -> None:
    x = deviations("uniform", np.random.default_rng(1), 400_000)
    assert x.min() == pytest.approx(-1, abs=0.001)
    assert x.max() == pytest.approx(1, abs=0.001)
    assert np.mean(x < 0.5) == pytest.approx(0.75, abs=0.01)


def test_pareto_is_the_table_of_iproute2() -> None:
    """The generator's loop (`netem/pareto.c`), written down again, quantile by quantile."""
    i = np.arange(16, 65536 + 1, 16) / 65536
    table = np.minimum((1 / i ** (1 / 3) - 1.5) * (4 / 3), 32767 / 8192)
    x = deviations("pareto", np.random.default_rng(1), 400_000)
    for q in (0.01, 0.1, 0.5, 0.9, 0.99):
        assert np.quantile(x, q) == pytest.approx(np.quantile(table, q), abs=0.03)
    assert x.mean() == pytest.approx(table.mean(), abs=0.01)
    assert x.std() == pytest.approx(table.std(), abs=0.01)


@pytest.mark.parametrize("distribution", get_args(Distribution))
def test_never_beyond_the_table_and_never_back_in_time(distribution: Distribution) -> None:
    assert deviations(distribution, np.random.default_rng(2), 200_000).max() <= TABLE_LIMIT
    spec = LaneSpec(delay_s=0.001, jitter_s=0.01, distribution=distribution)
    drawn = list(islice(delays(spec, np.random.default_rng(2)), 20_000))
    assert min(drawn) == 0.0
    assert max(drawn) <= 0.001 + 0.01 * TABLE_LIMIT
