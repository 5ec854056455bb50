"""Points are done once, kept as they come, resumed, and the same whoever does them."""

import json
from pathlib import Path

import pytest

from testbed.errors import BadInput, TestbedError
from testbed.points.pool import WorkerKilled
from testbed.points.worklist import Progress, Workers
from tests.testbed.points.small import AGAIN, do, points, squared


class Counting:
    """Work that remembers what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, number: int) -> dict[str, float]:
        self.asked.append(number)
        return squared(number)


def values(folder: Path) -> dict[str, object]:
    return {file.stem: json.loads(file.read_text())["squares"] for file in folder.iterdir()}


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    first = do(tmp_path, points(1, 2, 3))
    said: list[str] = []
    again = Counting()
    second = do(tmp_path, points(1, 2, 3), again, say=said.append)
    assert again.asked == []
    assert said == ["3 of 3 points were done before"]
    assert [r.value for r in second.results.values()] == [r.value for r in first.results.values()]
    assert all(result.found for result in second.results.values())
    assert not any(result.found for result in first.results.values())


def test_an_interruption_keeps_what_is_done_and_says_what_goes_on(tmp_path: Path) -> None:
    def interrupted(number: int) -> dict[str, float]:
        if number == 2:
            raise KeyboardInterrupt
        return squared(number)

    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        do(tmp_path, points(1, 2, 3), interrupted, say=said.append)
    assert said == [f"1 of 3 points are kept; to go on: {AGAIN}"]
    rest = Counting()
    done = do(tmp_path, points(1, 2, 3), rest)
    assert rest.asked == [2, 3]
    assert {r.point: r.value for r in done.results.values()} == values(tmp_path)


def test_only_a_changed_point_is_done(tmp_path: Path) -> None:
    do(tmp_path, points(1, 2, 3))
    again = Counting()
    do(tmp_path, points(1, 2, 4), again)
    assert again.asked == [4]


@pytest.mark.parametrize(
    "text",
    ["", '{"schema": 1, "point": "digest2", "squ', "[1]", '{"schema": 0}', "[" * 100_000],
)
def test_a_damaged_result_is_done_again(tmp_path: Path, text: str) -> None:
    do(tmp_path, points(1, 2))
    (tmp_path / "digest2.json").write_text(text)
    again = Counting()
    do(tmp_path, points(1, 2), again)
    assert again.asked == [2]


def test_a_result_that_somebody_changed_is_done_again(tmp_path: Path) -> None:
    do(tmp_path, points(1, 2))
    before, file = values(tmp_path), tmp_path / "digest2.json"
    text = file.read_text()
    assert '"square": 4.0' in text
    file.write_text(text.replace('"square": 4.0', '"square": 5.0'))
    again = Counting()
    do(tmp_path, points(1, 2), again)
    assert again.asked == [2]
    assert values(tmp_path) == before


def test_a_result_from_before_there_were_digests_is_not_done_again(tmp_path: Path) -> None:
    do(tmp_path, points(2))
    file = tmp_path / "digest2.json"
    kept = json.loads(file.read_text())
    del kept["sha256"]
    file.write_text(json.dumps(kept))
    again = Counting()
    do(tmp_path, points(2), again)
    assert again.asked == []


def test_a_failure_is_kept_with_its_reason_and_tried_again(tmp_path: Path) -> None:
    done = do(tmp_path, points(1, 13, 2))
    reason = "FloatingPointError: the loss is no number"
    assert [result.failed for result in done.results.values()] == [None, reason, None]
    assert json.loads((tmp_path / "digest13.json").read_text())["failed"] == reason
    again = Counting()
    do(tmp_path, points(1, 13, 2), lambda number: again(4))
    assert again.asked == [4]


def test_an_error_raised_on_purpose_is_named_by_its_words_alone(tmp_path: Path) -> None:
    def refuses(number: int) -> dict[str, float]:
        raise TestbedError("nobody\nthere")

    done = do(tmp_path, points(1), refuses)
    assert [result.failed for result in done.results.values()] == ["nobody there"]


def test_a_fatal_error_ends_it_in_its_own_line(tmp_path: Path) -> None:
    def refuses(number: int) -> dict[str, float]:
        raise BadInput("data: found nothing")

    said: list[str] = []
    with pytest.raises(BadInput, match="found nothing"):
        do(tmp_path, points(1, 2), refuses, Workers(fatal=(BadInput,)), said.append)
    assert said == []


def test_equal_points_are_done_once(tmp_path: Path) -> None:
    work = Counting()
    do(tmp_path, points(3, 3), work)
    assert work.asked == [3]


@pytest.mark.parametrize("processes", [1, 2])
def test_the_results_do_not_depend_on_who_does_them(tmp_path: Path, processes: int) -> None:
    done = do(tmp_path, points(*range(1, 8), 13), workers=Workers(processes))
    assert {r.point: r.value for r in done.results.values()} == {
        **{f"digest{n}": {"square": float(n**2)} for n in range(1, 8)},
        "digest13": None,
    }
    assert values(tmp_path) == {r.point: r.value for r in done.results.values()}
    assert not list(tmp_path.glob(".*"))


def test_a_killed_process_leaves_what_came_before(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(WorkerKilled, match="killed"):
        do(tmp_path, points(1, 2, 99, 3), workers=Workers(2), say=said.append)
    assert "digest99" not in values(tmp_path)
    assert said[-1].endswith(f"of 4 points are kept; to go on: {AGAIN}")


def test_progress_goes_by_cost(tmp_path: Path) -> None:
    told: list[Progress[int]] = []
    do(tmp_path, points(1, 2, 3), on_progress=told.append)
    assert [(progress.done, progress.total) for progress in told] == [(n, 3) for n in range(4)]
    assert told[0].left_s is None and told[0].latest is None
    assert told[3].left_s == 0
    assert told[2].latest is not None and told[2].latest[0].task == 2


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="allowed: a place that can be written"):
        do(tmp_path / "file", points(1))
