"""The shipped traces are what the generator makes, and are like what they are made after."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from emulation.trace import PACKET_BITS, RateTrace, load_trace
from emulation.traces.laws import Blocked, Contended, Driving, Underground, deliveries
from emulation.traces.models import MMWAVE, MODELS, SUBWAY, Model, main
from emulation.traces.statistics import statistics

SHIPPED = Path(__file__).parents[3] / "scenarios" / "traces"
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def test_shipped_files_are_made_again_bit_for_bit(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    shipped = {file.name: file.read_bytes() for file in SHIPPED.iterdir() if file.suffix != ".md"}
    assert made.keys() == shipped.keys()
    for name, content in made.items():
        assert content == shipped[name], name
        assert len(content) < 1_000_000


def test_one_folder_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


@each_model
def test_statistics_lie_within_their_targets(model: Model) -> None:
    up, down = (load_trace(SHIPPED / f"{model.name}.{way}") for way in ("up", "down"))
    assert model.up.missed(statistics(up, model.up.bin_s)) == []
    assert model.down.missed(statistics(down, model.down.bin_s)) == []


@each_model
def test_seed_is_the_first_that_fits(model: Model) -> None:
    for seed in range(1, model.seed):
        up, down = model.traces(seed)
        found = model.up.missed(statistics(up, model.up.bin_s))
        assert found + model.down.missed(statistics(down, model.down.bin_s)) != []


def test_readme_shows_the_statistics() -> None:
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for model in MODELS:
        for way, target in (("up", model.up), ("down", model.down)):
            found = statistics(load_trace(SHIPPED / f"{model.name}.{way}"), target.bin_s)
            row = next(line for line in readme.splitlines() if f"| {model.name}.{way} |" in line)
            cells = [cell.strip() for cell in row.split("|")]
            assert cells[3] == f"{found.mean_bps / 1e6:.2f}"
            assert cells[8] == f"{found.variation:.2f}"
            assert cells[9] == f"{found.outage_share * 100:.1f} %"


def test_subway_tunnels_carry_nothing_either_way() -> None:
    for way in ("up", "down"):
        at_ms = np.array(load_trace(SHIPPED / f"subway-3g.{way}").delivery_ms)
        for start_s, end_s in SUBWAY.tunnels_s:
            assert not np.any((at_ms > start_s * 1000) & (at_ms <= end_s * 1000))


def test_driving_has_the_motion_and_the_outages_of_its_law() -> None:
    law = Driving(ceiling_packets_per_s=1000)
    path = law.path(Random(1), 2_000_000)[:: law.step_ms] * 1000
    assert path.min() >= 0 and path.max() <= 1000
    inside = (path[:-1] > 200) & (path[:-1] < 800)
    steps = np.diff(path)[inside]
    assert steps.std() == pytest.approx(200 * np.sqrt(0.02), rel=0.03)
    stuck = np.flatnonzero(path == 0)
    runs = np.split(stuck, np.flatnonzero(np.diff(stuck) > 1) + 1)
    assert np.mean([len(run) for run in runs]) * 0.02 == pytest.approx(1.0, rel=0.2)


def test_blockages_last_as_long_as_measured() -> None:
    """299 ms below -5 dB (MacCartney et al., abstract), for one blocker at a time."""
    law = Blocked(clear_packets_per_s=1000, clear_snr_db=20.0, blockers=1)
    fade_db = law.one_blocker_db(Random(1), 3_000_000)
    assert fade_db.max() == pytest.approx(15.8, abs=0.01)
    below = np.diff((fade_db > 5.0).astype(int))
    starts, ends = np.flatnonzero(below == 1), np.flatnonzero(below == -1)
    durations_ms = ends[: len(starts)] - starts[: len(ends)]
    assert durations_ms.mean() == pytest.approx(299, rel=0.1)
    assert len(starts) / 3000 == pytest.approx(0.2, rel=0.1)


def test_millimetre_wave_is_never_faster_than_clear() -> None:
    path = MMWAVE.path(Random(3), 20_000)
    assert path.max() == pytest.approx(MMWAVE.clear_packets_per_s / 1000)
    assert path.min() > 0


def test_wifi_turns_are_shared_equally() -> None:
    law = Contended(packets_per_ms=5.0, neighbours=2, busy_s=1e9, quiet_s=1e-9)
    up, down = law.turns(Random(1), 60_000)
    whole = 60_000 * 5.0 * (law.shortest_ms + law.longest_ms) / 2
    whole /= law.overhead_ms + (law.shortest_ms + law.longest_ms) / 2
    assert len(up) / whole == pytest.approx(0.25, rel=0.1)
    assert len(down) / whole == pytest.approx(0.25, rel=0.1)
    turns_ms = np.diff(np.unique(up))
    assert turns_ms.min() >= 1


def test_deliveries_follow_the_rate() -> None:
    path = np.repeat([0.0, 2.0], 20_000)
    at_ms = np.array(deliveries(path, Random(5)))
    assert at_ms[0] > 20_000 and at_ms[-1] == 40_000
    per_ms = np.histogram(at_ms, bins=np.arange(20_000, 40_001) + 0.5)[0]
    assert per_ms.mean() == pytest.approx(2.0, rel=0.03)
    assert per_ms.var() == pytest.approx(2.0, rel=0.05)


def test_underground_wanders_about_its_mean() -> None:
    law = Underground(mean_packets_per_s=100, spread=0.3, memory_s=1.0, tunnels_s=())
    path = law.path(Random(2), 1_000_000) * 1000
    assert path.mean() == pytest.approx(100, rel=0.05)
    assert np.log(path).std() == pytest.approx(0.3, rel=0.1)


def test_statistics_of_a_constant_rate() -> None:
    found = statistics(RateTrace("even", tuple(range(1, 10_001))), 0.1)
    assert found.mean_bps == pytest.approx(PACKET_BITS * 1000)
    assert found.p10_bps == found.p90_bps == found.p50_bps
    assert found.variation == 0 and found.outage_share == 0
    assert found.longest_gap_s == 0.001
    assert found.memory_s == 10


def test_statistics_see_an_outage() -> None:
    found = statistics(RateTrace("gap", (*range(1, 1001), *range(3001, 5001))), 1.0)
    assert found.outage_share == pytest.approx(2.001 / 5)
    assert found.longest_gap_s == 2.001
