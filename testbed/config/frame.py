"""The size of a picture in pixels: a square by its side, or width and height, such as 1280x720."""

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

Frame = int | tuple[int, int]
"""The side of a square, or the width and height of what is none."""

SMALLEST_PX, LARGEST_PX = 16, 8192
_ALLOWED = (
    f"allowed: the side of a square, or width and height such as 1280x720, "
    f"each {SMALLEST_PX} to {LARGEST_PX}"
)
_WRITTEN = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")


def sides(frame: Frame) -> tuple[int, int]:
    """Width and height."""
    return (frame, frame) if isinstance(frame, int) else frame


def written(frame: Frame) -> int | str:
    """As scenarios and results have it: 720, or 1280x720."""
    width, height = sides(frame)
    return width if width == height else f"{width}x{height}"


def read_frame(value: object) -> Frame:
    """A frame as it is written; what is as wide as high is a square. Raises ValueError."""
    text = written(value) if isinstance(value, tuple) else value  # loaded before
    pair = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if pair is not None:
        width, height = int(pair[1]), int(pair[2])
    elif isinstance(text, int) and not isinstance(text, bool):
        width = height = text
    else:
        raise ValueError(_ALLOWED)
    if not SMALLEST_PX <= min(width, height) <= max(width, height) <= LARGEST_PX:
        raise ValueError(_ALLOWED)
    return width if width == height else (width, height)


CameraPx = Annotated[
    Frame,
    BeforeValidator(read_frame),
    PlainSerializer(written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": SMALLEST_PX, "maximum": LARGEST_PX},
                {"type": "string", "pattern": f"^{_WRITTEN.pattern}$"},
            ],
            "description": "pixels: the side of a square, or width and height",
            "examples": [720, "1280x720"],
        }
    ),
]
"""A frame as a key of a scenario."""
