"""What was asked for, checked, and as a command."""

from pathlib import Path
from typing import Any

import pytest

from testbed.errors import BadInput
from testbed.training.options import training_options


def test_the_command_of_the_defaults_is_short() -> None:
    assert training_options().command("a.safetensors") == (
        "testbed train --backbone mobilenet_v3_small --tasks scale,shape --input-px 64 "
        "--steps 5000 --batch 64 --lr 0.001 --seed 1234 --test-samples 120000 --threads 1 "
        "--out a.safetensors"
    )


def test_the_command_says_all_that_differs() -> None:
    options = training_options(
        "faces", ["age"], data=Path("faces"), noise="none", limit=9, hidden=8, dropout=0.25,
        init="imagenet", device="cpu",
    )  # fmt: skip
    command = options.command("a.safetensors")
    for words in (
        "train --dataset faces --data faces --backbone", "--tasks age", "--noise none", "--limit 9",
        "--hidden 8", "--dropout 0.25", "--init imagenet", "--device cpu",
    ):  # fmt: skip
        assert f" {words} " in command


def test_a_home_is_not_told() -> None:
    options = training_options("medic", data=Path.home() / "medic")
    assert "--data '~/medic'" in options.command("a") or "--data ~/medic" in options.command("a")


def test_a_labelled_folder_says_what_its_tasks_are(tmp_path: Path) -> None:
    lines = ["file,task,class"]
    for number in range(5):
        (tmp_path / f"{number}.png").touch()
        lines += [f"{number}.png,parity,{number % 2}", f"{number}.png,large,{number > 1}"]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    options = training_options("folder", data=tmp_path)
    assert dict(options.recipe.tasks) == {"parity": 2, "large": 2}
    assert not options.is_drawn
    assert training_options("collage").is_drawn


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dataset": "mnist"}, "dataset: found 'mnist', allowed: shapes3d, multimnist"),
        ({"dataset": "folder"}, "folder: found no path to its files, allowed: a folder of"),
        ({"tasks": ["age"]}, "tasks: found age, allowed, each once: floor_hue"),
        ({"tasks": []}, "tasks: found none"),
        ({"tasks": ["scale", "scale"]}, "each once"),
        ({"dataset": "faces", "tasks": ["scale"]}, "allowed, each once: age, gender, expression"),
        ({"steps": 0}, "steps: found 0, allowed: at least 1"),
        ({"batch": 1}, "batch: found 1, allowed: at least 2"),
        ({"hidden": 0}, "hidden: found 0, allowed: at least 1"),
        ({"lr": 0.0}, "lr: found 0.0, allowed: above 0"),
        ({"dropout": 1.0}, "dropout: found 1.0, allowed: at least 0 and below 1"),
        ({"init": "zeros"}, "init: found 'zeros', allowed: random, imagenet"),
        ({"device": "tpu"}, "device: found 'tpu', allowed: auto, cpu, cuda"),
        ({"limit": 0}, "limit: found 0"),
        ({"test_samples": 0}, "test_samples: found 0"),
    ],
)
def test_values_no_run_can_have(values: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        training_options(**values)
