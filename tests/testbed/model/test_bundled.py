"""The weights that ship: small, documented, and right on colours they never saw."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from testbed.data.shapes3d import Shapes3D
from testbed.model.checkpoint import load_model
from testbed.model.choose import HIDDEN, find_bundled
from testbed.model.mtl import MtlNet
from testbed.training.evaluate import Image as Pixels
from testbed.training.evaluate import accuracy, sample_indices
from tests.testbed.model.cards import card_in

NAME = "mobilenet_v3_small"
TASKS = {"scale": 8, "shape": 4}
GOOD = 0.95


@pytest.fixture(scope="module")
def net() -> MtlNet:
    return load_model("bundled", NAME, TASKS)[0]


def bundled_file() -> Path:
    file = find_bundled(NAME, TASKS, 64, HIDDEN)
    assert file is not None
    return file


def through_jpeg(image: Pixels) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=90)
    return np.asarray(Image.open(buffer))


def test_the_card_says_how_the_weights_came_about() -> None:
    card = card_in(bundled_file())
    assert card["command"].startswith("testbed train --backbone mobilenet_v3_small")
    assert (card["tasks"], card["seed"]) == (TASKS, 1234)
    assert min(card["metrics"]["test_accuracy"].values()) > GOOD
    assert bundled_file().stat().st_size < 10e6


def test_right_on_unseen_colours(net: MtlNet) -> None:
    dataset = Shapes3D("test", camera_px=64)
    found = accuracy(net, dataset, sample_indices(len(dataset), 300, seed=3))
    assert min(found.values()) > GOOD


def test_right_on_small_jpegs(net: MtlNet) -> None:
    dataset = Shapes3D("test", camera_px=64)
    found = accuracy(net, dataset, sample_indices(len(dataset), 200, seed=4), through_jpeg)
    assert min(found.values()) > GOOD


def test_right_on_camera_images(net: MtlNet) -> None:
    dataset = Shapes3D("test", camera_px=720, noise_std=2.5)
    found = accuracy(net, dataset, sample_indices(len(dataset), 20, seed=5), through_jpeg)
    assert min(found.values()) >= 0.9  # 20 images: one or two wrong may be chance
