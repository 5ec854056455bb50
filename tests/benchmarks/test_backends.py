"""What the comparison of the backends says of its rows."""

from typing import Any

import pytest

from benchmarks.backends import holds, least_s, of_law, table_of
from emulation.spec import LaneSpec


def row(backend: str, mean_s: float, half_s: float) -> dict[str, Any]:
    times_s = {"least_s": 0.02, "p50_s": mean_s, "mean_s": mean_s, "shortest_s": 0.02}
    ends_s = {"low_s": mean_s - half_s, "high_s": mean_s + half_s}
    return {"backend": backend, "deployment": "d", "way": "up", "requests": 9} | times_s | ends_s


def test_a_lane_takes_its_delay_and_its_rate_for_the_bytes() -> None:
    assert least_s(LaneSpec(rate_bps=8e6, delay_s=0.02), 1000) == pytest.approx(0.021)
    assert least_s(LaneSpec(delay_s=0.02), 1000) == 0.02


def test_a_mean_holds_that_is_near_the_law_s_or_cannot_tell() -> None:
    law = row("law", 0.030, 0.0001)
    assert holds(row("tun", 0.0308, 0.0001), law)
    assert holds(row("tun", 0.025, 0.006), law)
    assert not holds(row("tun", 0.025, 0.001), law)
    assert not holds(row("tun", 0.035, 0.001), law)


def test_what_misses_is_marked() -> None:
    law, near, far = row("law", 0.03, 0.0), row("tun", 0.03, 0.001), row("simpy", 0.02, 0.001)
    marked = [line.endswith(", MISSED") for line in table_of([law, near, far])]
    assert marked == [False, False, True]


def test_the_law_takes_what_a_lane_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.backends.CHANCES", 1)
    rows = of_law()
    assert {(row["deployment"], row["way"], row["requests"]) for row in rows} == {
        (deployment, way, 300)
        for deployment in ("remote-jpeg-q90", "remote-raw", "split-fp32")
        for way in ("up", "down")
    }
    for each in rows:
        assert each["least_s"] - 0.002 < each["p50_s"] < each["least_s"] + 0.012
