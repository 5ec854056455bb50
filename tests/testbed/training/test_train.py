"""A small training run, from arguments to a file that loads."""

import csv
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from testbed.commands import train as cli_train
from testbed.errors import BadInput
from testbed.model.checkpoint import Card, load_model, open_model
from testbed.training import train as t
from testbed.training.journal import Journal
from testbed.training.options import TrainingOptions, training_options

SMALL: dict[str, Any] = {"input_px": 32, "steps": 60, "batch": 16, "limit": 32, "test_samples": 20}
SHORT = SMALL | {"steps": 4}


def train(out: Path, options: TrainingOptions, resume: bool = False) -> Card:
    return t.train(out, options, resume=resume, show_progress=False)


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C arrives in the middle of that step."""
    steps, ordinary = iter(range(1, step + 1)), Journal.step

    def interrupted(self: Journal) -> None:
        ordinary(self)
        if next(steps) == step:
            monkeypatch.setattr(Journal, "step", ordinary)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Journal, "step", interrupted)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Card]:
    """The weights' file, and the card of the run that made it."""
    out = tmp_path_factory.mktemp("trained") / "new" / "small.safetensors"
    return out, train(out, training_options(**SMALL))


def test_the_loss_falls(trained: tuple[Path, Card]) -> None:
    rows = list(csv.DictReader(trained[0].with_suffix(".csv").open()))
    losses = [float(r["value"]) for r in rows if (r["metric"], r["task"]) == ("loss", "shape")]
    assert list(rows[0]) == ["step", "split", "task", "metric", "value"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_weights_load_and_the_card_is_complete(trained: tuple[Path, Card]) -> None:
    tasks = {"scale": 8, "shape": 4}
    weights, card = trained
    assert load_model(str(weights), "mobilenet_v3_small", tasks, 32)[1] == card["sha256"]
    assert card["command"] == (
        "testbed train --backbone mobilenet_v3_small --tasks scale,shape --input-px 32 --steps 60 "
        "--batch 16 --lr 0.001 --seed 1234 --limit 32 --test-samples 20 --threads 1 "
        "--out small.safetensors"
    )
    assert card["metrics"]["test_samples"] == 20
    assert set(card["metrics"]["test_accuracy"]) == {"scale", "shape"}
    assert {"data", "split", "seed", "init", "noise", "commit", "versions"} <= card.keys()


def test_only_the_three_files_are_left(trained: tuple[Path, Card]) -> None:
    names = sorted(file.name for file in trained[0].parent.iterdir())
    assert names == ["small.csv", "small.json", "small.safetensors"]


def test_an_interrupted_run_goes_on_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, out = training_options(**SHORT), tmp_path / "small.safetensors"
    whole = train(tmp_path / "whole.safetensors", options)
    interrupt_at(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        train(out, options)
    assert {file.name for file in tmp_path.glob("small.*")} == {"small.csv", "small.unfinished"}
    with pytest.raises(
        BadInput, match=r"small\.unfinished is an unfinished run, allowed: --resume"
    ):
        train(out, options)
    resumed = train(out, options, resume=True)
    assert resumed["sha256"] == whole["sha256"]
    assert out.with_suffix(".csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not t.state_file(out).exists()


def test_an_interrupted_command_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "small.safetensors"
    monkeypatch.setattr(sys, "argv", ["/bin/testbed", "train", "--steps", "4", "--out", str(out)])
    interrupt_at(1, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        cli_train.train(out, **SHORT)
    assert f"to go on: testbed train --steps 4 --out {out} --resume" in capsys.readouterr().err


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"resume: .*small\.unfinished: no such file"):
        train(tmp_path / "small.safetensors", training_options(**SHORT), resume=True)


@pytest.mark.parametrize("suffix", [".safetensors", ".json", ".csv"])
def test_nothing_is_overwritten(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"small{suffix}").touch()
    with pytest.raises(BadInput, match="exists, allowed: a new file"):
        train(tmp_path / "small.safetensors", training_options(**SHORT))


def test_a_place_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"out: .*, allowed: a place that can be written"):
        train(tmp_path / "file" / "small.safetensors", training_options(**SHORT))
    with pytest.raises(BadInput, match=r"ends in \.safetensors"):
        train(tmp_path / "small.pt", training_options(**SHORT))


def test_an_unknown_backbone_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="backbone: found 'lenet'"):
        train(tmp_path / "a.safetensors", training_options(backbone="lenet", **SHORT))
    assert list(tmp_path.iterdir()) == []


def test_training_goes_on_from_another_network_with_other_tasks_and_a_larger_input(
    trained: tuple[Path, Card], tmp_path: Path
) -> None:
    asked = SHORT | {"input_px": 48, "init": str(trained[0]), "lr": 1e-9}
    card = train(tmp_path / "more.safetensors", training_options(tasks=["floor_hue"], **asked))
    assert f"--init {trained[0]}" in card["command"]
    fresh = train(
        tmp_path / "fresh.safetensors",
        training_options(tasks=["floor_hue"], **SHORT | {"input_px": 48, "lr": 1e-9}),
    )
    before, more, new = (
        open_model(tmp_path / file)[0].shared.state_dict()["0.0.weight"]
        for file in (trained[0], "more.safetensors", "fresh.safetensors")
    )
    assert torch.equal(before, more)
    assert not torch.equal(before, new)
    assert fresh["sha256"] != card["sha256"]
