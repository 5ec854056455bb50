"""Trials by name, found again by any study, and the same side by side."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.training import trials as trials_module
from testbed.paper.training.images import Places
from testbed.paper.training.train_trial import train_trial
from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import TrialResult, failures, point_of, run_trials, unfinished
from tests.testbed.paper.small_trials import TRIAL, by_arithmetic

TRIALS = [replace(TRIAL, seed=seed) for seed in (1, 2)]


def run(
    folder: Path, trials: list[Trial], workers: int = 1, said: list[str] | None = None
) -> list[TrialResult]:
    options = StudyOptions(True, folder / "out", workers=workers)
    said = [] if said is None else said
    return run_trials(trials, options, said.append)


@pytest.fixture
def arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials_module, "train_trial", by_arithmetic)


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"tasks": ("shape", "scale")},
        {"lr": 2e-3},
        {"noise": "none"},
        {"source": "3dshapes.h5"},
        {"init": "imagenet"},
        {"looks": 3},
        {"device": "cuda"},
    ],
)
def test_a_changed_trial_has_another_name(changed: dict[str, Any]) -> None:
    assert point_of(replace(TRIAL)).digest == point_of(TRIAL).digest
    assert point_of(replace(TRIAL, **changed)).digest != point_of(TRIAL).digest


def test_another_version_of_the_training_is_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = point_of(TRIAL).digest
    monkeypatch.setattr(trials_module, "TRAINING_VERSION", 0)
    assert point_of(TRIAL).digest != before


def test_where_it_is_computed_is_kept_and_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    here = point_of(TRIAL)
    monkeypatch.setattr(trials_module, "computed_on", lambda *packages: {"cpu": "another"})
    there = point_of(TRIAL)
    assert here.digest == there.digest
    assert there.described["computed_on"] == {"cpu": "another"}


@pytest.mark.usefixtures("arithmetic")
def test_results_come_in_order_and_are_found_by_another_study(tmp_path: Path) -> None:
    said: list[str] = []
    first = run(tmp_path, [*TRIALS, TRIALS[0]], said=said)
    assert [result.trial for result in first] == [*TRIALS, TRIALS[0]]
    assert first[1].accuracy == by_arithmetic({}, TRIALS[1], tmp_path)["accuracy"]
    assert said[-1].startswith("2/2: shapes3d mobilenet_v3_small scale+shape seed 2: scale 2.0%")
    again = run(tmp_path, TRIALS, said=said)
    assert said[-1] == "2 of 2 points were done before"
    assert [result.accuracy for result in again] == [result.accuracy for result in first[:2]]
    assert all(result.found for result in again)


@pytest.mark.usefixtures("arithmetic")
def test_a_failure_is_reported(tmp_path: Path) -> None:
    said: list[str] = []
    results = run(tmp_path, [TRIALS[0], replace(TRIAL, seed=13)], said=said)
    assert failures(results) == [
        "shapes3d mobilenet_v3_small scale+shape seed 13: FloatingPointError: the loss is no number"
    ]
    assert "FAILED" in said[-1]


def test_data_that_cannot_be_used_ends_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(places: object, trial: Trial, state: Path) -> dict[str, float]:
        raise BadInput("data: found nothing")

    monkeypatch.setattr(trials_module, "train_trial", refuses)
    with pytest.raises(BadInput, match="found nothing"):
        run(tmp_path, TRIALS)


def test_networks_trained_side_by_side_are_the_same(tmp_path: Path) -> None:
    serial = run(tmp_path / "one", TRIALS)
    parallel = run(tmp_path / "two", TRIALS, workers=2)
    assert [result.failed for result in serial] == [None, None]
    assert [result.accuracy for result in parallel] == [result.accuracy for result in serial]


def test_a_trial_of_which_part_was_trained_goes_on_and_leaves_nothing(tmp_path: Path) -> None:
    state = unfinished(tmp_path / "points", point_of(TRIAL).digest)
    whole = train_trial(Places(), TRIAL, state)
    assert state.exists()
    said: list[str] = []
    (found,) = run(tmp_path, [TRIAL], said=said)
    assert found.accuracy == whole["accuracy"]
    assert found.seconds == whole["training_s"]  # not a step was trained again
    assert not state.exists()
