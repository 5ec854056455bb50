"""A small training run, from arguments to a file that loads."""

import csv
from pathlib import Path
from typing import Any

import pytest
import torch

from testbed.errors import BadInput
from testbed.model.checkpoint import load_model
from testbed.training import train as t
from testbed.training.recipe import Recipe

SMALL: dict[str, Any] = {
    "input_px": 32,
    "steps": 60,
    "batch": 16,
    "limit": 32,
    "test_samples": 20,
    "show_progress": False,
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> t.Trained:
    return t.train(tmp_path_factory.mktemp("trained") / "new" / "small.safetensors", **SMALL)


def test_the_loss_falls(trained: t.Trained) -> None:
    rows = list(csv.DictReader(trained.table.open()))
    losses = [float(r["value"]) for r in rows if (r["metric"], r["task"]) == ("loss", "shape")]
    assert list(rows[0]) == ["step", "split", "task", "metric", "value"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_weights_load_and_the_card_is_complete(trained: t.Trained) -> None:
    _, identity = load_model(trained.weights, "mobilenet_v3_small", {"scale": 8, "shape": 4}, 32)
    card = trained.card
    assert identity.sha256 == card["sha256"]
    assert card["command"] == (
        "testbed train --backbone mobilenet_v3_small --tasks scale,shape --input-px 32 --steps 60 "
        "--batch 16 --lr 0.001 --seed 1234 --limit 32 --test-samples 20 --threads 1 "
        "--out small.safetensors"
    )
    assert card["metrics"]["test_samples"] == 20
    assert set(card["metrics"]["test_accuracy"]) == {"scale", "shape"}
    assert {"data", "split", "seed", "commit", "versions"} <= card.keys()


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    few = SMALL | {"steps": 3}
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    one = t.train(tmp_path / "one.safetensors", **few)
    two = t.train(tmp_path / "two.safetensors", **few)
    assert one.card["sha256"] == two.card["sha256"]
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(t, "_losses", interrupted)
    with pytest.raises(KeyboardInterrupt):
        t.train(tmp_path / "small.safetensors", **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_the_learning_rate_drops_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rates: list[float] = []
    step = torch.optim.AdamW.step

    def noting(self: torch.optim.AdamW, *args: Any) -> Any:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", noting)
    t.train(tmp_path / "small.safetensors", **SMALL | {"steps": 5})
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-4])


@pytest.mark.parametrize("suffix", [".safetensors", ".json", ".csv"])
def test_nothing_is_overwritten(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"small{suffix}").touch()
    with pytest.raises(BadInput, match="exists, allowed: a new file"):
        t.train(tmp_path / "small.safetensors", **SMALL)


def test_a_place_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be made"):
        t.train(tmp_path / "file" / "small.safetensors", **SMALL)
    with pytest.raises(BadInput, match=r"ends in \.safetensors"):
        t.train(tmp_path / "small.pt", **SMALL)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"tasks": ("age",)}, "tasks: found age, allowed, each once: floor_hue"),
        ({"tasks": ()}, "tasks: found none"),
        ({"tasks": ("scale", "scale")}, "each once"),
        ({"steps": 0}, "steps: found 0, allowed: at least 1"),
        ({"batch": 1}, "batch: found 1, allowed: at least 2"),
        ({"lr": 0.0}, "lr: found 0.0, allowed: above 0"),
        ({"limit": 0}, "limit: found 0"),
    ],
)
def test_values_no_run_can_have(values: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Recipe(**values)


def test_an_unknown_backbone_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="backbone: found 'lenet'"):
        t.train(tmp_path / "a.safetensors", backbone="lenet", show_progress=False)
