"""The comparison of training loops."""

from benchmarks.training import TASKS, compare, measure
from testbed.training.recipe import Recipe


def test_ratios_are_between_rounds_side_by_side() -> None:
    rows = compare({"ours": [4.0, 20.0, 6.0], "plain": [2.0, 10.0, 2.0]})
    assert rows["plain"] == {"images_per_s": 2.0, "ratio": 2.0}
    assert rows["ours"] == {"images_per_s": 6.0, "ratio": 1.0}


def test_every_loop_is_measured_in_every_round() -> None:
    speeds = measure(Recipe("mobilenet_v3_small", TASKS, 32, steps=1, batch=2, device="cpu"), 2)
    assert [len(values) for values in speeds.values()] == [2, 2, 2]
    assert all(value > 0 for values in speeds.values() for value in values)
