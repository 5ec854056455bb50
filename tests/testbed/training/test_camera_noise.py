"""The deployed path's disturbances."""

import numpy as np

from testbed.training.camera_noise import camera_noise


def test_disturbing_stays_close_to_the_picture() -> None:
    images = np.full((64, 16, 16, 3), 120, np.uint8)
    disturbed = camera_noise(images, np.random.default_rng(0))
    difference = np.abs(disturbed.astype(float) - images).mean(axis=(1, 2, 3))
    assert (images == 120).all()
    assert (difference > 0).mean() > 0.8
    assert difference.max() < 5


def test_the_generator_decides() -> None:
    images = np.full((4, 16, 16, 3), 120, np.uint8)
    one, same, other = (camera_noise(images, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
