"""A camera's size and noise."""

import numpy as np
import pytest

from testbed.data.camera import add_noise, resize_image
from testbed.data.render import render


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


def test_noise_has_the_asked_strength_and_repeats_with_its_seed() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    noisy = add_noise(grey, 2.5, (1, 2))
    assert noisy.astype(float).std() == pytest.approx(2.5, rel=0.05)
    assert np.array_equal(noisy, add_noise(grey, 2.5, (1, 2)))
    assert not np.array_equal(noisy, add_noise(grey, 2.5, (1, 3)))


def test_noise_stays_within_bytes() -> None:
    ends = np.zeros((50, 50, 3), np.uint8)
    ends[25:] = 255
    noisy = add_noise(ends, 4.0, (0,))
    assert noisy[:25].max() < 40
    assert noisy[25:].min() > 215


def test_no_noise_leaves_the_picture() -> None:
    picture = render((0, 0, 0, 0, 0, 0), 16)
    assert add_noise(picture, 0.0, (1,)) is picture
