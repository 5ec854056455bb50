"""The geometry of a 3D-Shapes scene: camera, room and what the camera's rays meet first.

World frame: the object stands on the floor z = 0 at the origin; the room's walls are turned 45
degrees, so that two of them meet in a corner behind the object; at orientation 0 the camera looks
along +y into that corner. Orientation turns the camera about the z axis, object and room stay.
Lengths are in units of the scene (a cube of scale 1 has side 1.5). Vectors are float32 arrays
(3, N), one column a ray. `solids.py` intersects the object; `shading.py` turns what a ray meets
into brightness.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from testbed.data import solids
from testbed.data.solids import Array, Ids

FLOOR, SKY = 0, 5
WALLS = (1, 2, 3, 4)
OBJECT = 6  # this and every higher id is a face of the object

WALL_DISTANCE = 5.8
WALL_HEIGHT = 3.0
_CAMERA_RADIUS = 5.4
_CAMERA_HEIGHT = 2.75
_LOOK_AT_HEIGHT = 1.0
_HALF_VIEW = float(np.tan(np.radians(46.0) / 2))

_DIAGONAL = np.sqrt(0.5)
_WALL_AXES = _DIAGONAL * np.array([[1, 1], [-1, 1]])

INWARD = np.zeros((OBJECT, 3), np.float32)
"""Unit normals of the room's surfaces, by id (the sky has none)."""
INWARD[FLOOR] = (0, 0, 1)
INWARD[WALLS, :2] = (-_WALL_AXES[0], _WALL_AXES[0], -_WALL_AXES[1], _WALL_AXES[1])


@dataclass(frozen=True)
class Hits:
    """What each ray meets first.

    surface: ids (N,); point: (3, N); on_object: which rays (M,) meet the object; normal: the
    object's outward unit normals there, (3, M).
    """

    surface: Ids
    point: Array
    on_object: NDArray[np.intp]
    normal: Array


def camera_position(degrees: float) -> Array:
    """Where the camera stands for an orientation in degrees; shape (3, 1)."""
    turn = np.radians(degrees)
    ground = (_CAMERA_RADIUS * np.sin(turn), -_CAMERA_RADIUS * np.cos(turn))
    return np.array([*ground, _CAMERA_HEIGHT], np.float32)[:, None]


def camera_rays(x: Array, y: Array, degrees: float) -> Array:
    """Unit directions (3, N) through image points; x to the right, y down, both in -1..1."""
    forward = np.array([0, 0, _LOOK_AT_HEIGHT]) - camera_position(degrees)[:, 0]
    forward /= np.linalg.norm(forward)
    turn = np.radians(degrees)
    right = np.array([np.cos(turn), np.sin(turn), 0])
    down = -np.cross(right, forward)
    rays = np.empty((3, len(x)), np.float32)
    for axis in range(3):
        rays[axis] = (_HALF_VIEW * right[axis]) * x
        rays[axis] += (_HALF_VIEW * down[axis]) * y
        rays[axis] += forward[axis]
    rays /= np.sqrt(solids.dot(rays, rays))
    return rays


def trace(origin: Array, rays: Array, solid: solids.Solid) -> Hits:
    """First hit of each ray from `origin` (3, 1): the object, if it is nearer than the room."""
    distance, surface = _hit_room(origin, rays)
    on_object, near, face, normal = solids.hit(solid, origin, rays)
    first = near < distance[on_object]
    on_object, normal = on_object[first], normal[:, first]
    distance[on_object] = near[first]
    surface[on_object] = OBJECT + face[first]
    return Hits(surface, origin + distance * rays, on_object, normal)


def _hit_room(origin: Array, rays: Array) -> tuple[Array, Ids]:
    """Distance and surface id where rays from inside the room leave it."""
    distance, surface = _hit_wall_pair(origin, rays, 0)
    other, other_surface = _hit_wall_pair(origin, rays, 1)
    np.copyto(surface, other_surface, where=other < distance)
    np.minimum(distance, other, out=distance)
    surface[origin[2] + distance * rays[2] > WALL_HEIGHT] = SKY
    with np.errstate(divide="ignore"):
        to_floor = -origin[2] / rays[2]
    down = (to_floor > 0) & (to_floor < distance)
    surface[down] = FLOOR
    np.copyto(distance, to_floor, where=down)
    return distance, surface


def _hit_wall_pair(origin: Array, rays: Array, pair: int) -> tuple[Array, Ids]:
    """Distance and id of the one of two parallel walls that each ray runs towards."""
    across = _WALL_AXES[pair].astype(np.float32)
    along = across[0] * rays[0] + across[1] * rays[1]
    start = across[0] * origin[0] + across[1] * origin[1]
    with np.errstate(divide="ignore"):
        distance = (np.copysign(np.float32(WALL_DISTANCE), along) - start) / along
    return distance, (WALLS[2 * pair] + (along < 0)).astype(np.int8)
