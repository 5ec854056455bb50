"""Where the things of a collage are."""

import numpy as np
import pytest
from PIL import Image as Pillow

from testbed.data.layout import DIGIT_HEIGHT, SHAPE, SOLID_HEIGHT, Box, Layout, draw_layout

PHOTOS = [Pillow.new("RGB", size) for size in ((640, 427), (512, 512), (300, 900))]


def draw(seed: int) -> Layout:
    return draw_layout(np.random.default_rng(seed), PHOTOS, lambda view: 0.7 + view / 20)


MANY = [draw(seed) for seed in range(400)]


def test_the_same_numbers_give_the_same_layout() -> None:
    assert draw(3) == MANY[3] != MANY[4]


@pytest.mark.parametrize("frame", [(1280, 720), 224, 64, (16, 16)])
def test_everything_is_within_the_picture(frame: int | tuple[int, int]) -> None:
    width, height = (frame, frame) if isinstance(frame, int) else frame
    for layout in MANY:
        for box in (layout.solid, layout.digit):
            left, top, right, bottom = box.within(frame)
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height


def test_the_digit_and_the_solid_are_apart_and_of_the_sizes_said() -> None:
    for layout in MANY:
        assert not layout.digit.meets(layout.solid, 0.0)
        assert DIGIT_HEIGHT[0] <= layout.digit.height <= DIGIT_HEIGHT[1]
        assert SOLID_HEIGHT[0] <= layout.solid.height <= SOLID_HEIGHT[1]
        seen_wide, seen_high = (
            part * side for part, side in zip(layout.digit[2:], SHAPE, strict=True)
        )
        assert seen_wide == pytest.approx(seen_high)


def test_crops_have_the_picture_s_shape_and_lie_within_the_photograph() -> None:
    for layout in MANY:
        photo = PHOTOS[layout.ground]
        left, top, right, bottom = layout.crop.scaled(photo.size)
        assert 0 <= left < right <= photo.width
        assert 0 <= top < bottom <= photo.height
        assert (right - left) / (bottom - top) == pytest.approx(SHAPE[0] / SHAPE[1])


def test_all_that_can_be_drawn_is() -> None:
    assert {layout.ground for layout in MANY} == {0, 1, 2}
    assert {layout.mirrored for layout in MANY} == {True, False}
    assert {layout.hue for layout in MANY} == set(range(10))
    assert {layout.orientation for layout in MANY} == set(range(15))


def test_a_box_within_a_box() -> None:
    part = Box(0.5, 0.25, 0.5, 0.5).part(Box(0.5, 0.5, 0.2, 0.2))
    assert part == pytest.approx((0.75, 0.5, 0.1, 0.1))


def test_boxes_that_touch_do_not_overlap_but_are_near() -> None:
    one, beside = Box(0.0, 0.0, 0.5, 0.5), Box(0.5, 0.0, 0.5, 0.5)
    assert not one.meets(beside, 0.0)
    assert one.meets(beside, 0.01)
    assert one.meets(Box(0.4, 0.4, 0.1, 0.1), 0.0)
