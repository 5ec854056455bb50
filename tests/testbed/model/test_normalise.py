"""From an image to the network's input."""

import numpy as np
import pytest

from testbed.model.normalise import to_input


def test_input_is_planes_from_minus_one_to_one() -> None:
    image = np.zeros((1, 2, 3, 3), np.uint8)
    image[0, 0, 1] = (255, 0, 51)
    tensor = to_input(image)
    assert tensor.shape == (1, 3, 2, 3)
    assert tensor[0, :, 0, 1].tolist() == pytest.approx([1.0, -1.0, -0.6], abs=1e-6)


def test_a_batch_is_its_images() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3), np.uint8)
    batch = to_input(images)
    assert all(batch[i].equal(to_input(images[i : i + 1])[0]) for i in range(2))
