"""A camera's size and noise."""

import numpy as np
import pytest

from testbed.data.camera import Camera, add_noise, resize_image
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


def test_a_picture_gets_the_width_and_height_asked_for() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    assert resize_image(image, (32, 18)).shape == (18, 32, 3)
    assert resize_image(image, (60, 40)) is image
    stripes = np.zeros((2, 8, 3), np.uint8)
    stripes[:, ::2] = 200
    assert resize_image(stripes, (4, 1))[..., 0].tolist() == [[100, 100, 100, 100]]


def test_what_results_say_of_a_camera() -> None:
    said = {"camera_px": "1280x720", "noise_std": 2.5, "seed": 3}
    assert Camera((1280, 720), 2.5, 3).describe() == said
    assert Camera(720).describe()["camera_px"] == 720
    assert Camera().describe()["camera_px"] is None


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
