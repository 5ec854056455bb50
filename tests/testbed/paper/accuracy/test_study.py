"""The accuracy study from options to a folder, with networks really trained, though hardly."""

import pytest

from testbed.paper.accuracy import study as accuracy
from testbed.paper.options import StudyOptions
from testbed.paper.report import Report, save_report

TINY = {"input_px": 32, "train_images": 32, "test_images": 48, "steps": 2, "batch": 8}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> StudyOptions:
    out = tmp_path_factory.mktemp("study") / "accuracy"
    return StudyOptions(True, out, {}, (1, 2), 1, ("mobilenet_v3_small",))


@pytest.fixture(scope="module")
def report(options: StudyOptions) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accuracy, "GENERATED", ("shapes3d",))
        patch.setattr(accuracy, "QUICK", TINY)
        first = accuracy.run(options, lambda line: None)
        said: list[str] = []
        again = accuracy.run(options, said.append)
    assert said == ["6 of 6 points were done before"]
    assert again.tables[0].frame.equals(first.tables[0].frame)
    return again


def test_every_task_is_compared(report: Report) -> None:
    cells = report.tables[0].frame
    assert list(cells["task"]) == ["scale", "shape"]
    assert list(cells["seeds"]) == [2, 2]
    assert cells["STL %"].between(0, 100).all()
    gains = cells["MTL %"] - cells["STL %"]
    assert (gains - cells["MTL - STL"]).abs().max() < 0.02  # paired on the same seeds


def test_all_points_are_in_the_report(report: Report) -> None:
    points = report.tables[1].frame
    assert sorted(points["tasks"]) == ["scale"] * 2 + ["scale+shape"] * 2 + ["shape"] * 2
    assert set(points["steps"]) == {2}
    right = points["scale %"].dropna() * TINY["test_images"] / 100
    assert (right - right.round()).abs().max() < 1e-6


def test_the_rehearsal_says_so(report: Report, options: StudyOptions) -> None:
    save_report(report, options.out)
    page = (options.out / "accuracy.md").read_text(encoding="utf-8")
    assert "This is a rehearsal" in page
    assert (options.out / "accuracy.csv").is_file()
    assert (options.out / "accuracy.png").is_file()
    assert {verdict.holds for verdict in report.verdicts} == {"not testable here"}
