"""What the comparison of the two clocks says of its rows."""

from typing import Any

from benchmarks.agreement import line_of, verdict


def row(deviation: float) -> dict[str, Any]:
    wall_ms = {"wall_ms": 100.0, "wall_low_ms": 98.0, "wall_high_ms": 102.0}
    virtual_ms = {"virtual_ms": 100 * (1 + deviation)}
    names = {"scenario": "lte", "deployment": "local"}
    return {**names, **wall_ms, **virtual_ms, "deviation": deviation}


def test_deviations_count_on_either_side_and_refused_runs_do_not() -> None:
    rows = [row(-0.04), row(0.01), row(0.02), {"scenario": "5g", "refused": "too slow"}]
    assert verdict(rows) == "median 2.0% (target 3%), worst 4.0% (target 10%)"
    assert verdict([*rows, row(0.3), row(-0.2)]).count("MISSED") == 2


def test_a_row_tells_both_means_and_the_real_one_s_interval() -> None:
    told = " ".join(line_of(row(-0.04)).split())
    assert told == "lte local wall 100.00 ms +- 2.00, virtual 96.00 ms, -4.0%"
    assert line_of({"scenario": "5g", "refused": "too slow"}).endswith("refused: too slow")
