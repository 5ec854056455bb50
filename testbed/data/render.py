"""Pictures of 3D-Shapes scenes at any size, as 8-bit RGB.

The geometry depends on scale, shape and orientation alone (480 combinations). For each the renderer
casts rays once and keeps five *layers*: how much floor, wall, object and sky colour, and how much
white highlight, each pixel shows. A picture is then a weighted sum of six colours. Pixels crossed
by an edge are cast again with many rays, so a small picture looks like a large one scaled down.
"""

from collections import OrderedDict
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from testbed.data import scene, shading
from testbed.data.factors import FACTORS, FactorArray, hue_rgb, orientation_degrees, scale_value
from testbed.data.solids import Array, Ids, Solid

Image = NDArray[np.uint8]
Factors = tuple[int, int, int, int, int, int]

CACHE_BYTES = 256 * 2**20
_SKY = (0.72, 0.86, 0.98)
_WHITE = (1.0, 1.0, 1.0)
_FINE_GRID = 384  # rays across the picture where edges are, unless the picture is finer itself
_MIN_SUBRAYS = 4


class LayerCache:
    """Keeps the most recently used layers, up to a number of bytes. Safe between threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._kept: OrderedDict[tuple[int, int, int, int], Array] = OrderedDict()
        self._lock = Lock()

    def layers(self, scale: int, shape: int, orientation: int, px: int) -> Array:
        """Layers of one geometry: (5, px * px) float32, at the 8-bit scale 0..255."""
        key = (scale, shape, orientation, px)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = cast_layers(scale, shape, orientation, px)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._held += made.nbytes
            while self._held > self._limit and len(self._kept) > 1:
                self._held -= self._kept.popitem(last=False)[1].nbytes
        return made


_cache = LayerCache(CACHE_BYTES)


def render(factors: Factors, px: int) -> Image:
    """One picture (px, px, 3) from its six factor indices; the same bytes every time."""
    layers = _cache.layers(*factors[3:], px)
    return _mix(_palette(factors[:3]), layers, px)


def render_batch(factors: FactorArray, px: int) -> Image:
    """Pictures (N, px, px, 3) from factor indices (N, 6)."""
    pictures = np.empty((len(factors), px, px, 3), np.uint8)
    for picture, row in zip(pictures, factors.tolist(), strict=True):
        picture[...] = render(tuple(row), px)
    return pictures


def add_noise(image: Image, noise_std: float, seed: tuple[int, ...]) -> Image:
    """A camera's read-out noise: normal, `noise_std` in 8-bit levels, the same for the same seed.

    Noise-free renders compress far better as JPEG than any photograph; 2.5 levels is what a camera
    with a signal-to-noise ratio of 40 dB adds to a bright picture.
    """
    if noise_std == 0:
        return image
    noise = np.random.default_rng(seed).standard_normal(image.shape, np.float32)
    noise *= np.float32(noise_std)
    noise += image
    return _to_bytes(noise)


def cast_layers(scale: int, shape: int, orientation: int, px: int) -> Array:
    """Cast and shade one geometry: (5, px * px) float32, at the 8-bit scale 0..255."""
    view = _View(Solid(shape, scale_value(scale)), orientation_degrees(orientation))
    rows, columns = (part.ravel() for part in np.indices((px, px), np.float32))
    surface, layers = view.shade(_on_plane(columns + 0.5, px), _on_plane(rows + 0.5, px))
    edges = np.flatnonzero(_has_edge(surface.reshape(px, px)))
    layers[:, edges] = _supersample(view, rows[edges], columns[edges], px)
    layers *= 255
    return layers


class _View:
    """One geometry seen by the camera."""

    def __init__(self, solid: Solid, degrees: float) -> None:
        self._solid, self._degrees = solid, degrees
        self._origin = scene.camera_position(degrees)

    def shade(self, x: Array, y: Array) -> tuple[Ids, Array]:
        """Surface ids (N,) and layers (5, N) at image points in -1..1."""
        rays = scene.camera_rays(x, y, self._degrees)
        hits = scene.trace(self._origin, rays, self._solid)
        return hits.surface, shading.shade(hits, self._origin, self._solid)


def _on_plane(position: Array, px: int) -> Array:
    """Pixel positions 0..px to image coordinates -1..1."""
    return (position * np.float32(2 / px) - 1).astype(np.float32)


def _has_edge(surface: Ids) -> NDArray[np.bool_]:
    """Pixels that differ from one of their eight neighbours."""
    around = np.pad(surface, 1, mode="edge")
    size = len(surface)
    differs = np.zeros(surface.shape, np.bool_)
    for down in range(3):
        for right in range(3):
            differs |= around[down : down + size, right : right + size] != surface
    return differs


def _supersample(view: _View, rows: Array, columns: Array, px: int) -> Array:
    """Mean layers of square pixels, each cast with a regular grid of rays."""
    side = max(_MIN_SUBRAYS, -(-_FINE_GRID // px))
    inside = (np.arange(side, dtype=np.float32) + 0.5) / side
    down, right = (part.ravel() for part in np.meshgrid(inside, inside, indexing="ij"))
    x = _on_plane(np.add.outer(columns, right).ravel(), px)
    y = _on_plane(np.add.outer(rows, down).ravel(), px)
    _, layers = view.shade(x, y)
    return np.asarray(layers.reshape(len(layers), len(rows), side * side).mean(axis=2), np.float32)


@lru_cache(maxsize=FACTORS["floor_hue"] * FACTORS["wall_hue"] * FACTORS["object_hue"])
def _palette(hues: tuple[int, int, int]) -> Array:
    """Colours of the layers, (3, 5): one row a colour channel."""
    colours = [*(hue_rgb(hue) for hue in hues), _SKY, _WHITE]
    return np.array(colours, np.float32).T


def _mix(palette: Array, layers: Array, px: int) -> Image:
    """Weighted sum of the layers' colours, rounded to bytes.

    Not by matrix product: BLAS would start threads, beside halves whose compute time is measured.
    """
    mixed = np.einsum("ck,kn->cn", palette, layers)
    return _to_bytes(mixed.reshape(3, px, px)).transpose(1, 2, 0).copy()


def _to_bytes(values: Array) -> Image:
    """Round and clip to 0..255; overwrites its argument."""
    np.rint(values, out=values)
    np.clip(values, 0, 255, out=values)
    return values.astype(np.uint8)
