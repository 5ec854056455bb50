"""The pictures show what the factors say."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from testbed.data import render as r
from testbed.data.camera import resize_image
from testbed.data.factors import COUNT, factor_table

RED_FLOOR_GREEN_WALL_BLUE_OBJECT = (0, 3, 7)


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Room for the layers of three pictures of 32 px."""
    monkeypatch.setattr(r, "CACHE_BYTES", 3 * 5 * 32 * 32 * 4)
    r._layers_at.cache_clear()
    yield
    r._layers_at.cache_clear()


def object_pixels(scale: int, shape: int, orientation: int = 7) -> int:
    """Pixels that show mostly the object."""
    layers = r.cast_layers(scale, shape, orientation, 64)
    return int((layers[2] > layers[[0, 1, 3]].sum(axis=0)).sum())


@pytest.mark.usefixtures("small_cache")
def test_the_same_factors_give_the_same_bytes() -> None:
    first = r.render((1, 2, 3, 4, 0, 6), 32)
    for orientation in range(6):  # push the first geometry out of the cache
        r.render((1, 2, 3, 4, 0, orientation), 32)
    assert np.array_equal(first, r.render((1, 2, 3, 4, 0, 6), 32))


def test_a_picture_that_is_no_square_shows_the_scene_squeezed() -> None:
    wide = r.render((1, 2, 3, 4, 0, 6), (64, 36))
    assert wide.shape == (36, 64, 3)
    square = resize_image(r.render((1, 2, 3, 4, 0, 6), 288), (64, 36))
    assert np.abs(wide.astype(int) - square).mean() < 1.5


@pytest.mark.parametrize("px", [1, 17, 64, 100])
def test_any_size_is_square_rgb_bytes(px: int) -> None:
    picture = r.render((0, 3, 7, 3, 2, 7), px)
    assert picture.shape == (px, px, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("shape", range(4))
def test_each_larger_scale_shows_more_of_the_object(shape: int) -> None:
    sizes = [object_pixels(scale, shape) for scale in range(8)]
    assert all(small < large for small, large in pairwise(sizes))
    assert 2.2 < sizes[-1] / sizes[0] < 3.8  # area grows as (1.25 / 0.75)^2, and it comes nearer


def test_shapes_differ_in_outline() -> None:
    outlines = [r.cast_layers(3, shape, 7, 64)[2] > 64 for shape in range(4)]
    for one in range(4):
        for other in range(one):
            assert (outlines[one] != outlines[other]).sum() > 40


def test_orientation_turns_the_room() -> None:
    pictures = [r.render((0, 3, 7, 3, 2, orientation), 64) for orientation in (0, 7, 14)]
    assert (pictures[0] != pictures[1]).mean() > 0.1
    assert (pictures[1] != pictures[2]).mean() > 0.1


@pytest.mark.parametrize(("factor", "layer"), [(0, 0), (1, 1), (2, 2)])
def test_a_hue_changes_only_its_own_surface(factor: int, layer: int) -> None:
    combination = [*RED_FLOOR_GREEN_WALL_BLUE_OBJECT, 4, 0, 3]
    changed_combination = [*combination]
    changed_combination[factor] = (combination[factor] + 5) % 10
    before = r.render(tuple(combination), 64)  # type: ignore[arg-type]
    after = r.render(tuple(changed_combination), 64)  # type: ignore[arg-type]
    changed = (before != after).any(axis=2).ravel()
    layers = r.cast_layers(4, 0, 3, 64)
    assert changed.any()
    assert not changed[layers[layer] == 0].any()
    assert changed[layers[layer] > 128].all()


def test_floor_wall_and_object_have_their_colours() -> None:
    picture = r.render((*RED_FLOOR_GREEN_WALL_BLUE_OBJECT, 4, 0, 7), 64)
    assert picture[60, 8].argmax() == 0  # floor
    assert picture[15, 8].argmax() == 1  # wall
    assert picture[36, 32].argmax() == 2  # object
    assert picture[0, 32].min() > 150  # sky


def test_a_small_picture_looks_like_a_large_one_scaled_down() -> None:
    for row in factor_table(np.random.default_rng(2).integers(0, COUNT, 4)).tolist():
        small = r.render(tuple(row), 64).astype(float)
        large = resize_image(r.render(tuple(row), 720), 64)
        difference = np.abs(small - large)
        assert difference.mean() < 0.5
        assert difference.max() < 48


@pytest.mark.usefixtures("small_cache")
def test_the_cache_keeps_to_its_limit() -> None:
    layers = [r._layers_at(32)(0, 0, orientation) for orientation in range(4)]
    assert r._layers_at(32)(0, 0, 3) is layers[3]
    assert r._layers_at(32)(0, 0, 0) is not layers[0]
