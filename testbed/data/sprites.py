"""The solids of 3D Shapes without their room: pictures with an alpha channel."""

from functools import lru_cache

import numpy as np
from PIL import Image as Pillow

from testbed.data.factors import hue_rgb
from testbed.data.render import cast_layers
from testbed.data.shading import LAYERS

_CAST_PX = 320
_SCALE = 4
"""Of the eight sizes; sprites are scaled afterwards."""
_OBJECT, _HIGHLIGHT = LAYERS.index("object"), LAYERS.index("highlight")


@lru_cache(maxsize=64)
def _cast(shape: int, orientation: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How much of its own colour and of white each pixel shows, (h, w) float32, and its alpha.

    A pixel at the edge shows the room as well: its share of the object is its alpha.
    """
    layers = cast_layers(_SCALE, shape, orientation, _CAST_PX).reshape(-1, _CAST_PX, _CAST_PX)
    own, white = layers[_OBJECT], layers[_HIGHLIGHT]
    room = sum(layers[place] for place in range(len(LAYERS)) if place not in (_OBJECT, _HIGHLIGHT))
    solid = own > 0
    alpha = np.where(solid & (room > 0), own / np.maximum(own + room, 1), solid)
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    share = np.maximum(alpha[part], 1e-3)
    return own[part] / share, white[part] / share, alpha[part]


def sprite(shape: int, orientation: int, hue: int) -> Pillow.Image:
    """RGBA of one solid, cropped to it. shape, orientation, hue: factor indices."""
    own, white, alpha = _cast(shape, orientation)
    colour = np.array(hue_rgb(hue), np.float32)
    rgb = own[..., None] * colour + white[..., None]
    rgba = np.concatenate([rgb, 255 * alpha[..., None]], axis=2)
    return Pillow.fromarray(np.clip(np.rint(rgba), 0, 255).astype(np.uint8), "RGBA")
