"""When requests are due, for each arrival by its own law and for all of them alike."""

from itertools import islice, pairwise
from pathlib import Path
from statistics import mean

import numpy as np
import pytest
import yaml

from testbed.config.arrivals import ARRIVALS
from testbed.config.arrivals.arrival import Arrival
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.errors import BadInput
from tests.testbed.command_line import SCENARIOS
from tests.testbed.virtual import made_up


def arrival(written: str) -> Arrival:
    return made_up.scenario(workload={"arrival": yaml.safe_load(written)}).workload.arrival


def due_times(of: Arrival, count: int, seed: int = 1) -> list[float]:
    return list(islice(of.due_times(np.random.default_rng(seed)), count))


@pytest.mark.parametrize("kind", ARRIVALS, ids=lambda kind: kind.__name__)
class TestEvery:
    @pytest.fixture
    def chosen(
        self, kind: type[Arrival], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Arrival:
        monkeypatch.chdir(tmp_path)
        Path("due.txt").write_text("0\n0.5\n0.75\n")
        return arrival(kind.example)

    def test_is_what_its_example_says(self, kind: type[Arrival], chosen: Arrival) -> None:
        assert type(chosen) is kind

    def test_survives_a_file(self, kind: type[Arrival], chosen: Arrival) -> None:
        scenario = made_up.scenario(workload={"arrival": chosen})
        again = Scenario.model_validate(scenario.model_dump(mode="json"))
        assert again.workload.arrival == chosen

    def test_never_runs_backwards_or_out(self, kind: type[Arrival], chosen: Arrival) -> None:
        times = due_times(chosen, 1000)
        assert len(times) == 1000
        assert min(times) >= 0
        assert chosen.closed or times == sorted(times)

    def test_same_seed_same_times(self, kind: type[Arrival], chosen: Arrival) -> None:
        assert due_times(chosen, 50) == due_times(chosen, 50)


def test_closed_and_pause_count_from_the_answer_before() -> None:
    assert due_times(arrival("closed"), 3) == [0, 0, 0]
    assert due_times(arrival("{pause: 100ms}"), 3) == [0.1] * 3
    assert arrival("closed").closed
    assert arrival("{pause: 100ms}").closed


def test_periodic_is_due_at_multiples_of_the_period() -> None:
    chosen = arrival("{periodic: 4hz}")
    assert not chosen.closed
    assert due_times(chosen, 4) == [0, 0.25, 0.5, 0.75]


def test_poisson_has_exponential_gaps() -> None:
    times = due_times(arrival("{poisson: 5hz}"), 20_000)
    gaps = [after - before for before, after in pairwise(times)]
    assert mean(gaps) == pytest.approx(0.2, rel=0.03)
    assert np.std(gaps) == pytest.approx(0.2, rel=0.03)
    assert np.mean(np.array(gaps) > 0.2) == pytest.approx(np.exp(-1), abs=0.015)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("bursty", "found 'bursty', allowed: closed, {periodic: 10hz}, {pause: 100ms}"),
        ("{poisson: 5}", "poisson: found '5', allowed: a number with its unit, such as 10hz"),
        ("{poisson: 0hz}", "poisson: found '0hz'"),
        ("{poisson: 5hz, bursts: 3}", "bursts: unknown key"),
    ],
)
def test_what_no_arrival_can_be_is_one_line(written: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load_scenario(SCENARIOS / "lte.yaml", [f"workload.arrival={written}"])
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
