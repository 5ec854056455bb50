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


def test_a_trace_is_due_at_its_times_and_begins_anew_at_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("due.txt").write_text("0.5\n0.75\n\n2\n")
    assert due_times(arrival("{trace: due.txt}"), 5) == [0.5, 0.75, 2, 2.5, 2.75]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_trace_in_any_encoding_with_a_mark(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "due.txt"
    file.write_bytes("0.5\r\n2\r\n\r\n".encode(encoding))
    assert due_times(arrival(f"{{trace: {file}}}"), 3) == [0.5, 2, 2.5]


def test_a_device_without_end_is_no_trace() -> None:
    with pytest.raises(BadInput, match="found /dev/zero: more than"):
        load_scenario(SCENARIOS / "lte.yaml", ["workload.arrival={trace: /dev/zero}"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found no time above 0"),
        (b"0\n0\n", "found no time above 0"),
        (b"1\n0.5\n", "found 0.5 after 1"),
        (b"1\nsoon\n", "found 'soon' in line 2"),
        (b"1\nnan\n", "found 'nan' in line 2"),
        (b"-1\n", "found '-1' in line 1"),
        (b"\xff1\x00", "not text"),
        ("1\n2\n".encode("utf-16-le"), "not text"),
    ],
)
def test_a_file_that_is_no_trace_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "due.txt"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=message) as refused:
        load_scenario(SCENARIOS / "lte.yaml", [f"workload.arrival={{trace: {file}}}"])
    assert "\n" not in str(refused.value)


def test_a_trace_is_looked_for_beside_its_scenario(tmp_path: Path) -> None:
    text = (SCENARIOS / "lte.yaml").read_text().replace("arrival: closed", "arrival: {trace: a}")
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(BadInput, match=f"found {tmp_path}/a: No such file"):
        load_scenario(tmp_path / "mine.yaml")
    (tmp_path / "a").write_text("1\n")
    load_scenario(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("bursty", "found 'bursty', allowed: closed, {pause: 100ms}, {periodic: 10hz}"),
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
