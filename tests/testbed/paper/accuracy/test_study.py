"""The accuracy study from options to a folder, with networks really trained, though hardly."""

from pathlib import Path

import pytest

from testbed.data.factors import split_indices
from testbed.errors import BadInput
from testbed.paper.accuracy import study as accuracy
from testbed.paper.options import StudyOptions
from testbed.paper.report import Report, save_report
from testbed.paper.training import trial

TINY = {
    "input_px": 32,
    "train_images": 32,
    "validation_images": 16,
    "test_images": 48,
    "steps": 2,
    "batch": 8,
}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> StudyOptions:
    out = tmp_path_factory.mktemp("study") / "accuracy"
    return StudyOptions(True, out, seeds=(1, 2), backbones=("mobilenet_v3_small",))


@pytest.fixture(scope="module")
def report(options: StudyOptions) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "QUICK", TINY)
        first = accuracy.run(options, lambda line: None)
        said: list[str] = []
        again = accuracy.run(options, said.append)
    assert said == ["8 of 8 points were done before"]
    assert again.tables[0].frame.equals(first.tables[0].frame)
    return again


def test_every_task_is_compared(report: Report) -> None:
    cells = report.tables[0].frame
    assert list(cells["task"]) == ["scale", "shape"] * 2
    assert list(cells["arms"]) == ["equal steps"] * 2 + ["equal compute"] * 2
    assert list(cells["seeds"]) == [2] * 4
    assert cells["STL %"].between(0, 100).all()
    gains = cells["MTL %"] - cells["STL %"]
    assert (gains - cells["MTL - STL"]).abs().max() < 0.02  # paired on the same seeds


def test_all_points_are_in_the_report(report: Report) -> None:
    points = report.tables[1].frame
    assert sorted(points["tasks"]) == ["scale"] * 2 + ["scale+shape"] * 4 + ["shape"] * 2
    assert set(points["steps"]) == {2, 4}
    right = points["scale %"].dropna() * TINY["test_images"] / 100
    assert (right - right.round()).abs().max() < 1e-6


def test_the_rehearsal_says_so(report: Report, options: StudyOptions) -> None:
    save_report(report, options.out)
    page = (options.out / "accuracy.md").read_text(encoding="utf-8")
    assert "This is a rehearsal" in page
    assert (options.out / "accuracy.csv").is_file()
    assert (options.out / "accuracy.png").is_file()
    assert (options.out / "curves-shapes3d-mobilenet_v3_small.png").is_file()
    assert {verdict.word for verdict in report.verdicts} == {"not testable here"}


def test_the_published_split_is_trained_on_but_for_what_the_curve_is_of() -> None:
    (setting,) = accuracy.settings(
        StudyOptions(False, Path("out"), backbones=("mobilenet_v3_small",))
    )
    images = len(split_indices("train"))
    assert setting.train_images + setting.validation_images == images == 360_000
    assert (setting.noise, setting.input_px, setting.steps) == ("code", 64, 15_000)


def test_what_the_user_asks_for_is_trained() -> None:
    options = StudyOptions(
        False, Path("out"), datasets=("collage",), steps=70, noise="paper", lr=1e-4
    )
    (setting,) = accuracy.settings(options)
    assert (setting.dataset, setting.steps, setting.noise, setting.lr) == (
        "collage", 70, "paper", 1e-4,
    )  # fmt: skip


def test_a_data_set_without_its_files_is_refused() -> None:
    options = StudyOptions(False, Path("out"), datasets=("multi_fashion",))
    with pytest.raises(BadInput, match="--dataset multi_fashion: found no files, allowed: --data"):
        accuracy.plan(options)
