"""Pictures of 3D-Shapes scenes at any size, as 8-bit RGB.

The geometry depends on scale, shape and orientation alone (480 combinations). For each the renderer
casts rays once and keeps five *layers*: how much floor, wall, object and sky colour, and how much
white highlight, each pixel shows. A picture is then a weighted sum of six colours. Pixels crossed
by an edge are cast again with many rays, so a small picture looks like a large one scaled down.
The scene is a square one: a picture that is none shows it squeezed.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from math import prod

import numpy as np
from numpy.typing import NDArray

from testbed.config.frame import Frame, sides
from testbed.data import scene, shading
from testbed.data.factors import FACTOR_VALUES, FACTORS, SHAPES, hue_rgb
from testbed.data.solids import Array, Ids, Solid

Image = NDArray[np.uint8]
Factors = tuple[int, int, int, int, int, int]

CACHE_BYTES = 256 * 2**20
_SKY = (0.72, 0.86, 0.98)
_WHITE = (1.0, 1.0, 1.0)
_FINE_GRID = 384  # rays across the picture where edges are, unless the picture is finer itself
_MIN_SUBRAYS = 4


@lru_cache(maxsize=1)
def _layers_at(px: Frame) -> Callable[[int, int, int], Array]:
    """`cast_layers` at one size, keeping the most recently used geometries up to `CACHE_BYTES`.

    One size at a time: a run or a study that goes on to another leaves the old one's layers.
    """
    one_bytes = len(shading.LAYERS) * prod(sides(px)) * np.dtype(np.float32).itemsize
    return lru_cache(max(1, CACHE_BYTES // one_bytes))(partial(cast_layers, px=px))


def render(factors: Factors, px: Frame) -> Image:
    """One picture (H, W, 3) uint8 from its six factor indices; the same bytes every time."""
    return _mix(_palette(factors[:3]), _layers_at(px)(*factors[3:]), px)


def cast_layers(scale: int, shape: int, orientation: int, px: Frame) -> Array:
    """Cast and shade one geometry: (5, H * W) float32, at the 8-bit scale 0..255."""
    solid = Solid(SHAPES[shape], FACTOR_VALUES["scale"][scale])
    degrees = FACTOR_VALUES["orientation"][orientation]
    width, height = sides(px)
    rows, columns = (part.ravel() for part in np.indices((height, width), np.float32))
    surface, layers = _seen(solid, degrees, columns + 0.5, rows + 0.5, px)
    edges = np.flatnonzero(_has_edge(surface.reshape(height, width)))
    layers[:, edges] = _supersample(solid, degrees, rows[edges], columns[edges], px)
    layers *= 255
    return layers


def _seen(solid: Solid, degrees: float, x: Array, y: Array, px: Frame) -> tuple[Ids, Array]:
    """Surface ids (N,) and layers (5, N) at positions in a picture, in pixels from top left."""
    origin = scene.camera_position(degrees)
    placed = zip((x, y), sides(px), strict=True)
    x, y = ((at * np.float32(2 / side) - 1).astype(np.float32) for at, side in placed)  # to -1..1
    rays = scene.camera_rays(x, y, degrees)
    hits = scene.trace(origin, rays, solid)
    return hits.surface, shading.shade(hits, origin, solid)


def _has_edge(surface: Ids) -> NDArray[np.bool_]:
    """Pixels that differ from one of their eight neighbours."""
    edge = np.zeros(surface.shape, np.bool_)
    every, first, last = slice(None), slice(None, -1), slice(1, None)
    pairs = (  # of a pixel and its neighbour: beside, below, and below on either side
        ((every, first), (every, last)),
        ((first, every), (last, every)),
        ((first, first), (last, last)),
        ((first, last), (last, first)),
    )
    for one, other in pairs:
        differs = surface[one] != surface[other]
        edge[one] |= differs
        edge[other] |= differs
    return edge


def _supersample(solid: Solid, degrees: float, rows: Array, columns: Array, px: Frame) -> Array:
    """Mean layers of pixels, each cast with a regular grid of rays."""
    side = max(_MIN_SUBRAYS, -(-_FINE_GRID // min(sides(px))))
    inside = (np.arange(side, dtype=np.float32) + 0.5) / side
    down, right = (part.ravel() for part in np.meshgrid(inside, inside, indexing="ij"))
    x, y = np.add.outer(columns, right).ravel(), np.add.outer(rows, down).ravel()
    _, layers = _seen(solid, degrees, x, y, px)
    return np.asarray(layers.reshape(len(layers), len(rows), side * side).mean(axis=2), np.float32)


@lru_cache(maxsize=FACTORS["floor_hue"] * FACTORS["wall_hue"] * FACTORS["object_hue"])
def _palette(hues: tuple[int, int, int]) -> Array:
    """Colours of the layers, (3, 5): one row a colour channel."""
    colours = [*(hue_rgb(hue) for hue in hues), _SKY, _WHITE]
    return np.array(colours, np.float32).T


def _mix(palette: Array, layers: Array, px: Frame) -> Image:
    """Weighted sum of the layers' colours, rounded to bytes.

    Not by matrix product: BLAS would start threads, beside halves whose compute time is measured.
    """
    width, height = sides(px)
    mixed = np.einsum("ck,kn->cn", palette, layers)
    return to_bytes(mixed.reshape(3, height, width)).transpose(1, 2, 0).copy()


def to_bytes(values: Array) -> Image:
    """Round and clip to 0..255; overwrites its argument."""
    np.rint(values, out=values)
    np.clip(values, 0, 255, out=values)
    return values.astype(np.uint8)
