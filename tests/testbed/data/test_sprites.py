"""The solids, cut out."""

import numpy as np
import pytest
from PIL import Image as Pillow

from testbed.data.factors import SHAPES
from testbed.data.sprites import _FINE_PX, _RAYS, paint, sprite

EVERY = range(len(SHAPES))


@pytest.mark.parametrize("shape", EVERY)
def test_a_solid_fills_its_picture_and_all_of_it_is_seen(shape: int) -> None:
    cut = sprite(shape, 7)
    for layer in cut:
        assert layer.shape == cut.cover.shape
        assert layer.dtype == np.uint8
    assert cut.cover.any(axis=0).all()
    assert cut.cover.any(axis=1).all()
    assert max(cut.cover.shape) < _FINE_PX // _RAYS  # nothing was cut off


@pytest.mark.parametrize("shape", EVERY)
def test_what_does_not_cover_has_no_colour(shape: int) -> None:
    cut = sprite(shape, 0)
    outside = cut.cover == 0
    assert not cut.own[outside].any()
    assert not cut.shine[outside].any()
    assert cut.own[cut.cover == 255].min() > 50


def test_their_outlines_tell_them_apart() -> None:
    cube, cylinder, sphere, capsule = (sprite(shape, 7) for shape in EVERY)
    assert sphere.aspect == pytest.approx(1, abs=0.03)
    assert capsule.aspect < cylinder.aspect < cube.aspect
    filled = [float((cut.cover == 255).mean()) for cut in (cube, cylinder, sphere, capsule)]
    assert filled[2] == pytest.approx(np.pi / 4, abs=0.02)
    assert filled[1] > filled[2]


def test_a_cube_turns() -> None:
    assert sprite(0, 0).cover.shape != sprite(0, 7).cover.shape


def test_painting_leaves_what_is_beside_it() -> None:
    picture = Pillow.new("RGB", (60, 40), (10, 20, 30))
    paint(picture, sprite(2, 7), 0, (20, 5, 50, 35))
    seen = np.asarray(picture)
    beside = np.ones((40, 60), bool)
    beside[5:35, 20:50] = False
    assert (seen[beside] == (10, 20, 30)).all()
    assert (seen[5, 20] == (10, 20, 30)).all()  # the corner of a round thing's box
    red, green, blue = seen[20, 35].astype(int)
    assert red > 2 * green
    assert red > 2 * blue
