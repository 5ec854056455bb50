"""Accuracy counts what is right."""

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from testbed.data.catalog import open_dataset
from testbed.model.mtl import MtlNet
from testbed.training.batches import Arrays, load_arrays
from testbed.training.evaluate import evaluate
from tests.testbed.training.small import arrays


class AlwaysFirst(nn.Module):
    """Says class 0 of its one task, whatever it sees."""

    tasks = {"shape": 4}  # noqa: RUF012
    input_px = 16

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {"shape": torch.tensor([[1.0, 0, 0, 0]]).repeat(len(images), 1)}


def always_first() -> MtlNet:
    return cast(MtlNet, AlwaysFirst())


def shapes(count: int) -> Arrays:
    return load_arrays(open_dataset("shapes3d", "test", camera_px=16), range(count), 16)


def test_right_answers_are_counted() -> None:
    # shapes change every 15 samples: a quarter is class 0
    assert evaluate(always_first(), shapes(60)) == {"shape": 0.25}


def test_the_mode_is_left_as_it_was() -> None:
    net = always_first().train()
    evaluate(net, shapes(1))
    assert net.training


def test_no_samples_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        evaluate(always_first(), shapes(0))


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
