"""What a scenario says of time and weather."""

from pathlib import Path

import pytest

from emulation.spec import LaneSpec, LinkSpec
from emulation.trace import RateTrace
from testbed.lifecycle.plan import due_times, longest_gap_s, planned_blocks, weather_of
from tests.testbed.virtual import made_up


@pytest.mark.parametrize(
    ("arrival", "gap_s"),
    [("closed", 0.0), ({"pause": "300ms"}, 0.3), ({"periodic": "0.1hz"}, 10.0)],
)
def test_the_longest_gap(arrival: object, gap_s: float) -> None:
    scenario = made_up.scenario(workload={"arrival": arrival})
    assert longest_gap_s(scenario) == pytest.approx(gap_s)


def test_the_longest_gap_of_a_trace_may_be_its_first(tmp_path: Path) -> None:
    (tmp_path / "due").write_text("40\n41\n")
    scenario = made_up.scenario(workload={"arrival": {"trace": str(tmp_path / "due")}})
    assert longest_gap_s(scenario) == 40


def test_arrivals_are_drawn_anew_in_each_repeat_and_alike_for_all_deployments() -> None:
    workload = {"arrival": {"poisson": "5hz"}, "warmup": 1, "requests": 1}
    scenario = made_up.scenario(workload=workload, repeats=2)
    first = [next(due_times(scenario, block)) for block in planned_blocks(scenario)]
    warm, measured = first[::2], first[1::2]
    assert measured[0] == measured[1] != measured[2] == measured[3]
    assert not {*warm} & {*measured}


def test_each_repeat_has_a_weather_of_its_own_somewhere_in_the_longer_trace() -> None:
    short, long = (LaneSpec(trace=RateTrace("made", (period_ms,))) for period_ms in (100, 60_000))
    scenario, link = made_up.scenario(), LinkSpec(short, long)
    weathers = [weather_of(scenario, link, repeat) for repeat in range(20)]
    assert weathers == [weather_of(scenario, link, repeat) for repeat in range(20)]
    assert all(0 <= weather.offset_s < 60 and weather.outages for weather in weathers)
    assert {int(weather.offset_s // 20) for weather in weathers} == {0, 1, 2}
    assert len({weather.seed for weather in weathers}) == 20
    steady = weather_of(scenario, LinkSpec(LaneSpec(), LaneSpec()), 3)
    assert (steady.seed, steady.offset_s) == (weathers[3].seed, 0)
