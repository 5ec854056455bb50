"""The light of a whole picture: its brightness, its contrast and its colour.

In whole numbers, looked up in tables: the same bytes everywhere.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from PIL import Image as Pillow

ONE = 256
"""A gain that changes nothing."""


class Light(NamedTuple):
    """gains: of red, green and blue, in 256ths. lift: added to all three, in 8-bit levels."""

    gains: tuple[int, int, int]
    lift: int = 0


LIGHTS: Mapping[str, Light] = {
    "day": Light((ONE, ONE, ONE)),
    "overcast": Light((126, 134, 142), 84),  # little contrast, a grey veil
    "dusk": Light((84, 100, 168)),
    "lamp": Light((252, 178, 84)),
}
"""By the names of their classes."""


def light_up(picture: Pillow.Image, light: Light, exposure: int) -> Pillow.Image:
    """An RGB picture in that light. `exposure`: a gain of everything, in 256ths."""
    return picture.point(_table(light, exposure))


@lru_cache(maxsize=512)
def _table(light: Light, exposure: int) -> list[int]:
    """What each level of red, green and blue becomes, one after the other."""
    return [
        min(255, (level * gain // ONE + light.lift) * exposure // ONE)
        for gain in light.gains
        for level in range(256)
    ]
