"""How bright each ray's surface is: diffuse light, a highlight, a soft shadow on the floor.

Everything is computed in display space (the 8-bit values' own scale), so that a picture is linear
in its materials' colours and averaging pixels of a large render gives the small render. Light and
room stand still; only the camera turns.
"""

from functools import lru_cache

import numpy as np

from testbed.data import scene
from testbed.data.factors import SHAPES
from testbed.data.scene import Hits
from testbed.data.solids import Array, Solid, dot, hit

LAYERS = ("floor", "wall", "object", "sky", "highlight")
"""A shaded ray is one number a layer: how much of that layer's colour it shows."""

LIGHT = np.array([-0.40, -0.62, 1.0], np.float32)
LIGHT /= np.linalg.norm(LIGHT)
"""Unit vector towards the light."""
_AMBIENT, _DIFFUSE = 0.50, 0.48
_HIGHLIGHT, _SHARPNESS = 0.42, 36.0
_SHADOW_DEPTH, _CONTACT_DEPTH, _CONTACT_REACH = 0.42, 0.30, 0.22
_EDGE_DEPTH, _EDGE_REACH = 0.16, 0.7

# The shadow of each shape at scale 1, as a square picture of the floor around it.
_SHADOW_HALF_SIDE, _SHADOW_CELLS, _SHADOW_LIGHTS = 3.2, 160, 64
_LIGHT_RADIUS = 0.22


def shade(hits: Hits, origin: Array, solid: Solid) -> Array:
    """Layer weights (5, N) of traced rays; the first four sum to the surface's brightness."""
    surface = hits.surface
    layers = np.zeros((len(LAYERS), len(surface)), np.float32)
    floor = np.flatnonzero(surface == scene.FLOOR)
    layers[0, floor] = lit(scene.INWARD[scene.FLOOR]) * _floor_dimming(
        hits.point[0, floor], hits.point[1, floor], solid
    )
    for wall in scene.WALLS:
        of_wall = np.flatnonzero(surface == wall)
        height = hits.point[2, of_wall]
        layers[1, of_wall] = lit(scene.INWARD[wall]) * _edge_dimming(height)
    thing, normal = hits.on_object, hits.normal
    point = hits.point[:, thing]
    layers[2, thing] = lit(normal) * _object_dimming(point[2], normal[2])
    layers[3] = surface == scene.SKY
    layers[4, thing] = _highlight(point, normal, origin)
    return layers


def lit(normal: Array) -> Array:
    """Diffuse and ambient light on surfaces with these unit normals: (3, N) -> (N,)."""
    return np.asarray(_AMBIENT + _DIFFUSE * np.maximum(dot(LIGHT, normal), 0), np.float32)


def _floor_dimming(x: Array, y: Array, solid: Solid) -> Array:
    """Share of light left on floor points: cast shadow, contact with the object, room's edge."""
    left = 1 - np.float32(_SHADOW_DEPTH) * _cast_shadow(x, y, solid)
    reach = np.float32(solid.scale * _CONTACT_REACH)
    left *= 1 - np.float32(_CONTACT_DEPTH) * np.exp(-solid.gap(x, y) / reach)
    to_corner = np.maximum(np.abs(x + y), np.abs(x - y)) * np.float32(np.sqrt(0.5))
    left *= _edge_dimming(np.float32(scene.WALL_DISTANCE) - to_corner)
    return left


def _edge_dimming(distance: Array) -> Array:
    """Share of light left at a distance from the edge where floor and wall meet."""
    lost = np.float32(_EDGE_DEPTH) * np.exp(distance * np.float32(-1 / _EDGE_REACH))
    return np.asarray(1 - lost, np.float32)


def _object_dimming(height: Array, up: Array) -> Array:
    """The object's underside sees little light, less so the nearer it is to the floor."""
    return np.asarray(1 - 0.35 * np.maximum(-up, 0) - 0.12 * np.exp(-height / 0.3), np.float32)


def _highlight(point: Array, normal: Array, origin: Array) -> Array:
    """White reflection of the light (Blinn-Phong)."""
    to_eye = origin - point
    to_eye /= np.sqrt(dot(to_eye, to_eye))
    half = to_eye + LIGHT[:, None]
    half /= np.sqrt(dot(half, half))
    facing = np.maximum(dot(normal, half), 0)
    return np.float32(_HIGHLIGHT) * facing ** np.float32(_SHARPNESS)


def _cast_shadow(x: Array, y: Array, solid: Solid) -> Array:
    """Share of the light hidden at floor points (bilinear in the shape's shadow picture)."""
    picture = _shadow_picture(solid.shape)
    reach = np.float32(_SHADOW_HALF_SIDE * solid.scale)
    shadow = np.zeros_like(x)
    near = np.flatnonzero((np.abs(x) < reach) & (np.abs(y) < reach))
    cells = np.float32((_SHADOW_CELLS - 1) / 2)
    # Just short of the last cell, so that there is always a next one to mix with.
    row = np.minimum((y[near] / reach + 1) * cells, np.float32(_SHADOW_CELLS - 1.001))
    column = np.minimum((x[near] / reach + 1) * cells, np.float32(_SHADOW_CELLS - 1.001))
    i, j = row.astype(np.intp), column.astype(np.intp)
    down, right = row - i.astype(np.float32), column - j.astype(np.float32)
    top = picture[i, j] * (1 - right) + picture[i, j + 1] * right
    bottom = picture[i + 1, j] * (1 - right) + picture[i + 1, j + 1] * right
    shadow[near] = top * (1 - down) + bottom * down
    return shadow


@lru_cache(maxsize=len(SHAPES))
def _shadow_picture(shape: str) -> Array:
    """Hidden share of a round light seen from each cell of the floor, object at scale 1.

    Object and light do not turn with the camera and a directional shadow grows with the object, so
    one picture a shape serves every orientation and scale. Rows are y, columns x.
    """
    solid = Solid(shape, 1.0)
    axis = np.linspace(-_SHADOW_HALF_SIDE, _SHADOW_HALF_SIDE, _SHADOW_CELLS, dtype=np.float32)
    x, y = (part.ravel() for part in np.meshgrid(axis, axis))
    floor = np.stack([x, y, np.zeros_like(x)])
    hidden = np.zeros(len(x), np.float32)
    for light in _light_samples():
        towards = np.repeat(light[:, None], len(x), axis=1)
        hidden[hit(solid, floor, towards)[0]] += 1 / _SHADOW_LIGHTS
    if shape in ("cube", "cylinder"):  # which touch the floor with a face, not in a point:
        # Rays that start under the object start inside it and would miss it.
        hidden[solid.gap(x, y) == 0] = 1.0
    return hidden.reshape(_SHADOW_CELLS, _SHADOW_CELLS)


def _light_samples() -> Array:
    """Directions to a round light, spread evenly over its disc by the golden angle."""
    across = np.cross(LIGHT, [0, 0, 1])
    across /= np.linalg.norm(across)
    upward = np.cross(across, LIGHT)
    rank = np.arange(_SHADOW_LIGHTS)
    radius = _LIGHT_RADIUS * np.sqrt((rank + 0.5) / _SHADOW_LIGHTS)
    angle = rank * np.pi * (3 - np.sqrt(5))
    offset = np.outer(radius * np.cos(angle), across) + np.outer(radius * np.sin(angle), upward)
    directions = LIGHT + offset
    return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True), np.float32)
