"""Salt and pepper: how much of an image each kind corrupts, and how."""

import numpy as np
import pytest
from numpy.typing import NDArray

from testbed.data.noise import CODE_HIGH, CODE_LOW, NOISES, camera_noise, noise_named
from testbed.errors import BadInput

GREY = np.full((40, 64, 64, 3), 128, np.uint8)


def noisy(name: str, seed: int = 0) -> NDArray[np.uint8]:
    return NOISES[name](GREY, np.random.default_rng(seed))


def share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean())


def test_as_the_paper_says_8_percent_of_the_pixels_each_turn_black_and_white() -> None:
    images = noisy("paper")
    black, white = (images == 0).all(axis=3), (images == 255).all(axis=3)
    assert share(black) == pytest.approx(0.08, abs=0.003)
    assert share(white) == pytest.approx(0.08, abs=0.003)
    assert np.array_equal((images != 128).any(axis=3), black | white)


def test_as_the_code_does_71_percent_of_the_values_change_each_channel_for_itself() -> None:
    images = noisy("code")
    assert share(images == CODE_HIGH) == pytest.approx(0.5319, abs=0.003)
    assert share(images == CODE_LOW) == pytest.approx(0.1788, abs=0.003)
    assert share(images != 128) == pytest.approx(0.7107, abs=0.003)
    untouched_pixels = (images == 128).all(axis=3)
    assert share(untouched_pixels) == pytest.approx((1 - 0.7107) ** 3, abs=0.003)


def test_the_code_s_shares_are_those_of_the_normal_draws_it_makes() -> None:
    drawn = np.random.default_rng(1).standard_normal(1_000_000)
    images = noisy("code")
    assert share(images == CODE_HIGH) == pytest.approx(share(drawn <= 0.08), abs=0.003)
    assert share(images == CODE_LOW) == pytest.approx(share(drawn >= 1 - 0.08), abs=0.003)


def test_none_changes_nothing() -> None:
    assert np.array_equal(noisy("none"), GREY)


@pytest.mark.parametrize("name", ["paper", "code"])
def test_noise_comes_from_the_generator_and_leaves_its_input_alone(name: str) -> None:
    before = GREY.copy()
    assert np.array_equal(noisy(name, 3), noisy(name, 3))
    assert not np.array_equal(noisy(name, 3), noisy(name, 4))
    assert np.array_equal(GREY, before)


def test_disturbing_stays_close_to_the_picture() -> None:
    images = np.full((64, 16, 16, 3), 120, np.uint8)
    disturbed = camera_noise(images, np.random.default_rng(0))
    difference = np.abs(disturbed.astype(float) - images).mean(axis=(1, 2, 3))
    assert (images == 120).all()
    assert (difference > 0).mean() > 0.8
    assert difference.max() < 5


def test_the_generator_decides_the_camera_s_noise() -> None:
    images = np.full((4, 16, 16, 3), 120, np.uint8)
    one, same, other = (camera_noise(images, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("wanted", [0.1, 0.85])
def test_impulses_are_as_many_as_asked_for_half_of_them_dark(wanted: float) -> None:
    images = noise_named(f"impulse:{wanted}")(GREY, np.random.default_rng(0))
    assert share(images == 0) == pytest.approx(wanted / 2, abs=0.005)
    assert share(images == 255) == pytest.approx(wanted / 2, abs=0.005)
    assert share(images == 128) == pytest.approx(1 - wanted, abs=0.005)


@pytest.mark.parametrize(
    "name", ["loud", "impulse", "impulse:", "impulse:0", "impulse:1", "impulse:x"]
)
def test_what_is_no_noise_is_refused(name: str) -> None:
    with pytest.raises(
        BadInput, match=f"noise: found '{name}', allowed: none, paper, code, camera"
    ):
        noise_named(name)
