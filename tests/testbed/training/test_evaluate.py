"""Accuracy counts what is right."""

from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from testbed.data.shapes3d import Shapes3D
from testbed.model.mtl import MtlNet
from testbed.model.preprocess import batch_to_input
from testbed.training.evaluate import Image, accuracy, evaluate, sample_indices, to_network
from tests.testbed.training.small import arrays


class AlwaysFirst(nn.Module):
    """Says class 0 of its one task, whatever it sees; keeps what it saw."""

    tasks = {"shape": 4}  # noqa: RUF012
    input_px = 16

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        self.seen = images
        return {"shape": torch.tensor([[1.0, 0, 0, 0]]).repeat(len(images), 1)}


def always_first() -> MtlNet:
    return cast(MtlNet, AlwaysFirst())


def test_right_answers_are_counted() -> None:
    dataset = Shapes3D("test", 16)
    samples = list(range(60))  # shapes change every 15 samples: a quarter is class 0
    assert accuracy(always_first(), dataset, samples) == {"shape": 0.25}


def test_images_pass_through_what_is_asked() -> None:
    def blacken(image: Image) -> Image:
        return np.zeros_like(image)

    net = always_first()
    accuracy(net, Shapes3D("test", 32), [0], blacken)
    seen = cast(AlwaysFirst, net).seen
    assert seen.shape == (1, 3, 16, 16)
    assert float(seen.max()) == -1


def test_the_mode_is_left_as_it_was() -> None:
    net = always_first().train()
    accuracy(net, Shapes3D("test", 16), [0])
    assert net.training


def test_no_samples_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        accuracy(always_first(), Shapes3D("test", 16), [])


def test_indices_differ_and_repeat() -> None:
    samples = sample_indices(1000, 50, seed=1)
    assert len(set(samples)) == 50
    assert samples == sample_indices(1000, 50, seed=1) == sorted(samples)
    assert sample_indices(3, 50, seed=1) == [0, 1, 2]


class SeesSide(nn.Module):
    """Right about "side", always 0 about "tone"."""

    tasks = {"side": 2, "tone": 3}  # noqa: RUF012
    input_px = 32

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        halves = images.mean((1, 2)).reshape(-1, 2, 16).mean(2)
        return {"side": halves, "tone": torch.tensor([[1.0, 0, 0]]).repeat(len(images), 1)}


def test_arrays_are_evaluated_in_batches_of_any_size() -> None:
    data = arrays(21)
    expected = {"side": 1.0, "tone": float((data.labels["tone"] == 0).mean())}
    for batch in (1, 4, 21, 100):
        assert evaluate(cast(MtlNet, SeesSide()), data, batch) == expected


def test_training_and_halves_give_the_network_the_same_values() -> None:
    images = np.arange(2 * 16 * 8 * 3).astype(np.uint8).reshape(2, 16, 8, 3)
    assert torch.equal(to_network(images, torch.device("cpu")), batch_to_input(images))
