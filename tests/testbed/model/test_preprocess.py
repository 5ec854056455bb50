"""From a camera image to the network's input."""

import numpy as np
import pytest

from testbed.model.preprocess import batch_to_input, resize_image, to_input


def test_shrinking_averages_areas() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[:2, :2] = 100
    image[0, 0] = 200
    small = resize_image(image, 2)
    assert small.dtype == np.uint8
    assert small[:, :, 0].tolist() == [[125, 0], [0, 0]]


@pytest.mark.parametrize("size", [(720, 720), (480, 640), (10, 10)])
def test_any_size_becomes_the_input_size(size: tuple[int, int]) -> None:
    assert resize_image(np.zeros((*size, 3), np.uint8), 64).shape == (64, 64, 3)


def test_the_right_size_is_left_alone() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    assert resize_image(image, 64) is image


def test_input_is_planes_from_minus_one_to_one() -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 1] = (255, 0, 51)
    tensor = to_input(image)
    assert tensor.shape == (1, 3, 2, 3)
    assert tensor[0, :, 0, 1].tolist() == pytest.approx([1.0, -1.0, -0.6], abs=1e-6)


def test_a_batch_is_its_images() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3), np.uint8)
    batch = batch_to_input(images)
    assert all(batch[i].equal(to_input(images[i])[0]) for i in range(2))
