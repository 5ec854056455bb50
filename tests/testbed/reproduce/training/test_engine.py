"""Studies resume, notice changes, report failures, and are the same side by side."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from testbed.errors import BadInput
from testbed.reproduce.training.engine import StudyBroken, failures, run_points
from testbed.reproduce.training.fit import train_point
from testbed.reproduce.training.point import Point
from tests.testbed.reproduce.small_points import POINT, by_arithmetic

POINTS = [replace(POINT, seed=seed) for seed in (1, 2, 3)]


class Counting:
    """Work that remembers what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[Point] = []

    def __call__(self, point: Point) -> dict[str, float]:
        self.asked.append(point)
        return by_arithmetic(point)


def test_a_finished_study_trains_nothing_again(tmp_path: Path) -> None:
    first = run_points(POINTS, tmp_path, by_arithmetic, _ignore)
    again = Counting()
    second = run_points(POINTS, tmp_path, again, _ignore)
    assert again.asked == []
    assert [o.accuracy for o in second] == [o.accuracy for o in first]
    assert all(o.kept for o in second)
    assert not any(o.kept for o in first)


def test_an_interrupted_study_goes_on(tmp_path: Path) -> None:
    def interrupted(point: Point) -> dict[str, float]:
        if point.seed == 2:
            raise KeyboardInterrupt
        return by_arithmetic(point)

    with pytest.raises(KeyboardInterrupt):
        run_points(POINTS, tmp_path, interrupted, _ignore)
    rest = Counting()
    outcomes = run_points(POINTS, tmp_path, rest, _ignore)
    assert [point.seed for point in rest.asked] == [2, 3]
    assert [o.point.seed for o in outcomes] == [1, 2, 3]


def test_only_a_changed_point_is_trained_again(tmp_path: Path) -> None:
    run_points(POINTS, tmp_path, by_arithmetic, _ignore)
    changed = [*POINTS[:2], replace(POINTS[2], steps=3)]
    again = Counting()
    run_points(changed, tmp_path, again, _ignore)
    assert again.asked == [changed[2]]


def test_a_damaged_result_is_trained_again(tmp_path: Path) -> None:
    run_points(POINTS[:1], tmp_path, by_arithmetic, _ignore)
    (file,) = tmp_path.iterdir()
    file.write_text('{"accuracy": {"scale"', encoding="utf-8")
    again = Counting()
    run_points(POINTS[:1], tmp_path, again, _ignore)
    assert len(again.asked) == 1


def test_a_failure_is_recorded_reported_and_tried_again(tmp_path: Path) -> None:
    said: list[str] = []
    points = [POINTS[0], replace(POINT, seed=13), POINTS[1]]
    outcomes = run_points(points, tmp_path, by_arithmetic, said.append)
    assert [o.error is None for o in outcomes] == [True, False, True]
    assert failures(outcomes) == [
        "shapes3d mobilenet_v3_small scale+shape seed 13: FloatingPointError: the loss is no number"
    ]
    assert any("FAILED" in line for line in said)
    assert len(list(tmp_path.iterdir())) == 3
    again = Counting()
    run_points(points, tmp_path, lambda point: again(replace(point, seed=4)), _ignore)
    assert len(again.asked) == 1


def test_bad_input_ends_the_study(tmp_path: Path) -> None:
    def refuses(point: Point) -> dict[str, float]:
        raise BadInput("data: found nothing")

    with pytest.raises(BadInput):
        run_points(POINTS, tmp_path, refuses, _ignore)


def test_equal_points_are_trained_once(tmp_path: Path) -> None:
    work = Counting()
    outcomes = run_points([POINT, POINT], tmp_path, work, _ignore)
    assert len(work.asked) == 1
    assert len(outcomes) == 2


def test_side_by_side_is_the_same_as_one_after_another(tmp_path: Path) -> None:
    points = [*POINTS, replace(POINT, seed=13)]
    serial = run_points(points, tmp_path / "one", by_arithmetic, _ignore)
    parallel = run_points(points, tmp_path / "two", by_arithmetic, _ignore, workers=2)
    assert [(o.point, o.accuracy, o.error) for o in parallel] == [
        (o.point, o.accuracy, o.error) for o in serial
    ]


def test_networks_trained_side_by_side_are_the_same(tmp_path: Path) -> None:
    work = partial(train_point, {})
    serial = run_points(POINTS[:2], tmp_path / "one", work, _ignore)
    parallel = run_points(POINTS[:2], tmp_path / "two", work, _ignore, workers=2)
    assert [o.error for o in serial] == [None, None]
    assert [o.accuracy for o in parallel] == [o.accuracy for o in serial]


def test_a_killed_process_ends_the_study_in_one_line(tmp_path: Path) -> None:
    points = [replace(POINT, seed=99), replace(POINT, seed=99, steps=3)]
    with pytest.raises(StudyBroken, match="killed"):
        run_points(points, tmp_path, by_arithmetic, _ignore, workers=2)


def _ignore(line: str) -> None:
    pass
