"""The light that a scene is seen in: its colour, how bright it is, how grey it makes things.

In whole numbers, so that a picture is the same bytes everywhere.
"""

from collections.abc import Mapping
from typing import NamedTuple

from PIL import Image as Pillow

_ONE = 256


class Light(NamedTuple):
    """gains: of red, green and blue, in 256ths. lift: added to each. grey: how far towards grey, in
    100ths.
    """

    gains: tuple[int, int, int]
    lift: int
    grey: int


LIGHTS: Mapping[str, Light] = {
    "day": Light((256, 256, 256), 0, 0),
    "lamp": Light((256, 205, 133), 0, 0),
    "dusk": Light((128, 148, 205), 0, 10),
    "overcast": Light((190, 196, 204), 42, 65),
}
"""By the name of the class."""


def lit(picture: Pillow.Image, light: Light, brightness: int) -> Pillow.Image:
    """An RGB picture in that light. brightness: a further gain of all three, in 256ths."""
    if light.grey:
        grey = picture.convert("L").convert("RGB")
        picture = Pillow.blend(picture, grey, light.grey / 100)
    table = [
        min(255, light.lift + value * gain * brightness // (_ONE * _ONE))
        for gain in light.gains
        for value in range(256)
    ]
    return picture.point(table)
