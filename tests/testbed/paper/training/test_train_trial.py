"""What a trial is trained and tested on."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from testbed.model.checkpoint import random_net
from testbed.model.normalise import to_input
from testbed.paper.training.images import Places, images_of
from testbed.paper.training.train_trial import (
    Diverged,
    commonest,
    require_finite,
    take_averages,
    task_classes,
    train_trial,
)
from testbed.training.batches import Arrays, Batches
from tests.testbed.paper.small_trials import TRIAL


def test_the_same_trial_gives_the_same_result_and_leaves_torch_alone() -> None:
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    first, again = (
        {key: value for key, value in train_trial(Places(), TRIAL).items() if key != "training_s"}
        for _ in range(2)
    )
    assert first == again
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_learning_curve_is_of_images_that_are_neither_trained_nor_tested_on() -> None:
    found = train_trial(Places(), TRIAL)
    assert found["curve"]["step"] == [2, 4]
    for task in TRIAL.tasks:
        shares = np.array(found["curve"][task]) * TRIAL.validation_images
        assert len(shares) == 2 and np.allclose(shares, shares.round())
    seen = images_of(Places(), replace(TRIAL, noise="none", test_from="train"))
    parts = [seen.training.take(np.arange(64)), seen.validation, seen.test]
    everything = np.concatenate([part.images.reshape(len(part.images), -1) for part in parts])
    assert len(everything) == len(np.unique(everything, axis=0)) == 64 + 32 + 64


def test_looking_changes_nothing() -> None:
    often = train_trial(Places(), replace(TRIAL, looks=4))
    assert often["accuracy"] == train_trial(Places(), TRIAL)["accuracy"]


def test_an_interrupted_training_ends_in_the_same_bits(tmp_path: Path) -> None:
    """Killed for good in the middle of a step, by a signal that nothing can catch."""
    state = tmp_path / "trial.state"
    program = (
        "import os, signal\n"
        "import testbed.training.fit as fit\n"
        "from pathlib import Path\n"
        "from testbed.paper.training.images import Places\n"
        "from testbed.paper.training.train_trial import train_trial\n"
        "from tests.testbed.paper.small_trials import TRIAL\n"
        "fit._SAVE_EVERY_S = 0.0\n"
        "step, seen = fit._Run._one_step, []\n"
        "def dies(run, batch):\n"
        "    seen.append(1)\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if len(seen) == 4 else None\n"
        "    return step(run, batch)\n"
        "fit._Run._one_step = dies\n"
        f"train_trial(Places(), TRIAL, Path({str(state)!r}))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL and state.exists()
    resumed, whole = train_trial(Places(), TRIAL, state), train_trial(Places(), TRIAL)
    for key in ("accuracy", "curve"):
        assert resumed[key] == whole[key]


def test_a_diverged_network_fails_its_point() -> None:
    net = random_net(TRIAL.backbone, {"shape": 4}, 32, seed=1)
    require_finite(net)
    with torch.no_grad():
        next(net.shared.parameters()).view(-1)[3] = float("nan")
    with pytest.raises(Diverged):
        require_finite(net)


def test_averages_are_those_of_the_images() -> None:
    net = random_net(TRIAL.backbone, {"shape": 4}, 32, seed=1)
    loaded = images_of(Places(), replace(TRIAL, noise="none")).training.take(np.arange(64))
    take_averages(net, Batches(loaded, 8, seed=1, noise="none"), count=8)
    images = to_input(loaded.images)
    first_layers: Any = next(net.shared.children())
    with torch.no_grad():
        first = first_layers[0](images)  # convolution; batch normalisation comes after it
    assert torch.allclose(first_layers[1].running_mean, first.mean((0, 2, 3)), atol=1e-5)
    assert not net.training


def test_guessing_is_the_share_of_the_commonest_class() -> None:
    images = Arrays(np.zeros((4, 1, 1, 3), np.uint8), {"shape": np.array([3, 0, 3, 1])})
    assert commonest(images, "shape") == 0.5


def test_conflicting_tasks_have_classes() -> None:
    trial = replace(TRIAL, tasks=("scale", "random"))
    assert task_classes(trial) == {"scale": 8, "random": 10}
