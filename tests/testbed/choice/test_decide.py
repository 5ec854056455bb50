"""At other rates the few that are tried have the same winner as all."""

import pytest

from testbed.choice import table
from testbed.choice.candidates import candidates
from testbed.choice.choose import Limits, Option, at_rates, fastest, options
from testbed.choice.decide import FACTORS, Trial, tried
from testbed.choice.subject import network_of
from testbed.halves.workload import load_dataset
from tests.testbed.choice.test_choose import with_radio


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    asked = with_radio("lte", "rb3-gen2-cpu")
    network, dataset = network_of(asked), load_dataset(asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("kept"))
        patch.setattr(table, "USUAL", 8)
        return tried(asked, network, dataset, candidates(network, 96)[::4], None)


@pytest.fixture(scope="module")
def of_all(trial: Trial) -> list[list[Option]]:
    """Every deployment at every rate."""
    return [
        options(at, trial.repertoire, trial.judged, trial.memory_bytes)
        for at in at_rates(trial.scenario, FACTORS)
    ]


@pytest.mark.parametrize(
    "limits",
    [Limits(), Limits(memory_bytes=3e5), Limits(size_bytes=600), Limits(accuracy_loss=0.0)],
)
def test_the_winner_of_few_is_the_winner_of_all(
    trial: Trial, of_all: list[list[Option]], limits: Limits
) -> None:
    of_few = trial.winners(trial.options(), limits)
    assert [rate_bps for rate_bps, _ in of_few] == [12e6 * factor for factor in FACTORS]
    for (_, best), there in zip(of_few, of_all, strict=True):
        assert best is not None
        assert best.mean_s == pytest.approx(fastest(there, limits)[0].mean_s, rel=0.01)


def test_where_nothing_keeps_the_limits_nothing_is_tried(trial: Trial) -> None:
    assert trial.winners(trial.options(), Limits(size_bytes=-1)) == []
