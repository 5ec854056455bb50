"""The solids of 3D Shapes cut out of their room, to be set into another picture.

Geometry, view and light are the renderer's (`scene.py`, `solids.py`, `shading.py`). The room's
shade on the solid is left out, and so are powers and exponentials, whose last bit differs between
processors: what is left are sums, products and square roots, rounded to bytes ray by ray.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from testbed.data import scene, shading, solids
from testbed.data.factors import FACTOR_VALUES, SHAPES, hue_rgb
from testbed.data.solids import Array

Bytes = NDArray[np.uint8]

_VIEW = 0.5
"""Half the side of the part of the renderer's picture, -1..1, that is looked at: all of a solid."""
_FINE_PX, _RAYS = 640, 2
"""Rays across that part; rays along a side of a pixel."""
_UNDERSIDE = np.float32(0.35)
_SHINE, _SQUARINGS = np.float32(0.45), 5


class Sprite(NamedTuple):
    """A solid, cropped to it, in 8 bits: each (H, W), and for pixels at its edge in their share.

    own: how much of its colour is seen. shine: how much white. cover: how much of the pixel.
    """

    own: Bytes
    shine: Bytes
    cover: Bytes

    @property
    def aspect(self) -> float:
        """Width over height."""
        height, width = self.cover.shape
        return float(width / height)


@lru_cache(maxsize=len(SHAPES) * len(FACTOR_VALUES["orientation"]))
def sprite(shape: int, orientation: int) -> Sprite:
    """The solid with these factor indices, seen by the renderer's camera."""
    solid = solids.Solid(SHAPES[shape], 1.0)
    degrees = FACTOR_VALUES["orientation"][orientation]
    steps = np.arange(1 - _FINE_PX, _FINE_PX, 2, dtype=np.float32)
    across = np.asarray(steps * np.float32(_VIEW / _FINE_PX), np.float32)
    y, x = (part.ravel() for part in np.meshgrid(across, across, indexing="ij"))
    origin, rays = scene.camera_position(degrees), scene.camera_rays(x, y, degrees)
    met, _, _, normal = solids.hit(solid, origin, rays)
    towards_eye = -rays[:, met]
    fine = np.zeros((3, _FINE_PX * _FINE_PX), np.uint8)
    fine[0, met] = _to_bytes(shading.lit(normal) * (1 - _UNDERSIDE * np.maximum(-normal[2], 0)))
    fine[1, met] = _to_bytes(_shine(normal, towards_eye))
    fine[2, met] = 255
    px = _FINE_PX // _RAYS
    coarse = fine.reshape(3, px, _RAYS, px, _RAYS).sum(axis=(2, 4), dtype=np.uint16)
    layers = ((coarse + _RAYS * _RAYS // 2) // (_RAYS * _RAYS)).astype(np.uint8)
    rows, columns = (np.flatnonzero(layers[2].any(axis)) for axis in (1, 0))
    seen = layers[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Sprite(*(np.ascontiguousarray(layer) for layer in seen))


def paint(picture: Pillow.Image, cut: Sprite, hue: int, box: tuple[int, int, int, int]) -> None:
    """Set a solid of a hue into an RGB picture; it fills `box`, in pixels as Pillow has boxes."""
    size = box[2] - box[0], box[3] - box[1]
    own, shine, cover = (
        np.asarray(Pillow.fromarray(layer).resize(size, Pillow.Resampling.BILINEAR), np.int32)
        for layer in cut
    )
    colour = np.array([round(255 * part) for part in hue_rgb(hue)], np.int32)
    behind = np.asarray(picture.crop(box), np.int32)
    mixed = (own[..., None] * colour + behind * (255 - cover[..., None]) + 127) // 255
    seen = np.minimum(mixed + shine[..., None], 255).astype(np.uint8)
    picture.paste(Pillow.fromarray(seen), box)


def _shine(normal: Array, towards_eye: Array) -> Array:
    """White reflection of the light (Blinn-Phong), the power by squaring."""
    half = towards_eye + shading.LIGHT[:, None]
    half /= np.sqrt(solids.dot(half, half))
    facing = np.maximum(solids.dot(normal, half), 0)
    for _ in range(_SQUARINGS):
        facing = facing * facing
    return np.asarray(_SHINE * facing, np.float32)


def _to_bytes(share: Array) -> Bytes:
    return np.minimum(np.rint(share * 255), 255).astype(np.uint8)
