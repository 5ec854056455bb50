"""What a trial is trained and tested on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from testbed.model.checkpoint import random_net
from testbed.model.normalise import to_input
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.train_trial import (
    Diverged,
    arrays,
    images_of,
    require_finite,
    take_averages,
    task_classes,
    train_trial,
)
from testbed.training.batches import Batches
from tests.testbed.paper.small_trials import TRIAL


def test_the_same_point_gives_the_same_accuracy_and_leaves_torch_alone() -> None:
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    assert train_trial({}, TRIAL) == train_trial({}, TRIAL)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_diverged_network_fails_its_point() -> None:
    net = random_net(TRIAL.backbone, {"shape": 4}, 32, seed=1)
    require_finite(net)
    with torch.no_grad():
        next(net.shared.parameters()).view(-1)[3] = float("nan")
    with pytest.raises(Diverged):
        require_finite(net)


def test_averages_are_those_of_the_images() -> None:
    net = random_net(TRIAL.backbone, {"shape": 4}, 32, seed=1)
    loaded = arrays("shapes3d", None, "train", 64, 32)
    take_averages(net, Batches(loaded, 8, seed=1, noise="none"), count=8)
    images = to_input(loaded.images)
    first_layers: Any = next(net.shared.children())
    with torch.no_grad():
        first = first_layers[0](images)  # convolution; batch normalisation comes after it
    assert torch.allclose(first_layers[1].running_mean, first.mean((0, 2, 3)), atol=1e-5)
    assert not net.training


def test_noise_is_on_the_test_images_and_the_same_every_time() -> None:
    clean = arrays("shapes3d", None, "test", 16, 32)
    noisy = arrays("shapes3d", None, "test", 16, 32, noise="code")
    arrays.cache_clear()
    again = arrays("shapes3d", None, "test", 16, 32, noise="code")
    changed = (noisy.images != clean.images).mean()
    assert 0.6 < changed < 0.75
    assert np.array_equal(noisy.images, again.images)
    assert all(np.array_equal(noisy.labels[task], clean.labels[task]) for task in clean.labels)


def test_test_images_of_the_train_split_are_not_trained_on() -> None:
    train, test = images_of({}, replace(TRIAL, noise="none", test_from="train"))
    assert len(train) == len(test) == 64
    both = np.concatenate([train.images, test.images]).reshape(128, -1)
    assert len(np.unique(both, axis=0)) == 128
    seen = test.labels["floor_hue"] < 5, test.labels["wall_hue"] < 5
    assert np.logical_or(*seen).all()  # no pair of colours of the published test split


def test_conflicting_tasks_have_labels_and_classes() -> None:
    loaded = arrays("shapes3d", None, "train", 16, 32)
    for task, classes in CONFLICTS.items():
        assert loaded.labels[task].max() < classes
    trial = replace(TRIAL, tasks=("scale", "random"))
    assert task_classes(trial) == {"scale": 8, "random": 10}
