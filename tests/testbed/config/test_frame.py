"""Sizes of pictures as scenarios write them."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from testbed.config.frame import CameraPx, Frame, read_frame, sides, written

KEY: TypeAdapter[Frame] = TypeAdapter(CameraPx)


@pytest.mark.parametrize(
    ("said", "frame", "shown"),
    [
        (720, 720, 720),
        ("1280x720", (1280, 720), "1280x720"),
        ("720x1280", (720, 1280), "720x1280"),
        ("720x720", 720, 720),
        ((640, 480), (640, 480), "640x480"),
    ],
)
def test_a_square_by_its_side_and_any_other_by_both(said: Any, frame: Frame, shown: Any) -> None:
    read = KEY.validate_python(said)
    assert read == frame == read_frame(written(frame))
    assert KEY.dump_python(read, mode="json") == written(read) == shown


def test_width_comes_first() -> None:
    assert sides((1280, 720)) == (1280, 720)
    assert sides(64) == (64, 64)


@pytest.mark.parametrize(
    "said",
    [15, 8193, "1280x15", "8193x720", "1280", "1280x720x3", "x720", "-1x9", 72.5, True, None],
)
def test_anything_else_says_what_is_allowed(said: object) -> None:
    allowed = "the side of a square, or width and height such as 1280x720, each 16 to 8192"
    with pytest.raises(ValidationError, match=allowed):
        KEY.validate_python(said)
