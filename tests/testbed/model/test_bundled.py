"""The weights that ship: small, documented, and right on colours they never saw."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from testbed.data.camera import resize_image
from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.data.dataset import Image as Pixels
from testbed.model.checkpoint import load_model
from testbed.model.choose import HIDDEN, find_bundled
from testbed.model.mtl import MtlNet
from testbed.training.batches import Arrays, sample_indices
from testbed.training.evaluate import evaluate
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


def accuracy(
    net: MtlNet,
    dataset: Dataset,
    count: int,
    seed: int,
    through: Callable[[Pixels], Pixels] = lambda image: image,
) -> dict[str, float]:
    """On `count` of a camera's images, each passed `through` something and resized."""
    samples = sample_indices(len(dataset), count, seed).tolist()
    images = np.stack([resize_image(through(dataset.image(n)), net.input_px) for n in samples])
    labels = {task: np.array([dataset.labels(n)[task] for n in samples]) for task in net.tasks}
    return evaluate(net, Arrays(images, labels))


def test_the_card_says_how_the_weights_came_about() -> None:
    card = card_in(bundled_file())
    assert card["command"].startswith("testbed train --backbone mobilenet_v3_small")
    assert (card["tasks"], card["seed"]) == (TASKS, 1234)
    assert min(card["metrics"]["test_accuracy"].values()) > GOOD
    assert bundled_file().stat().st_size < 10e6


def test_right_on_unseen_colours(net: MtlNet) -> None:
    dataset = open_dataset("shapes3d", "test", camera_px=64)
    found = accuracy(net, dataset, 300, seed=3)
    assert min(found.values()) > GOOD


def test_right_on_small_jpegs(net: MtlNet) -> None:
    dataset = open_dataset("shapes3d", "test", camera_px=64)
    found = accuracy(net, dataset, 200, seed=4, through=through_jpeg)
    assert min(found.values()) > GOOD


def test_right_on_camera_images(net: MtlNet) -> None:
    dataset = open_dataset("shapes3d", "test", camera_px=720, camera_noise=2.5)
    found = accuracy(net, dataset, 20, seed=5, through=through_jpeg)
    assert min(found.values()) >= 0.9  # 20 images: one or two wrong may be chance
