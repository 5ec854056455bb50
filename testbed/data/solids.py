"""The four objects of 3D Shapes, standing on the floor at the origin: where rays meet them.

Vectors are float32 arrays (3, N), one column a ray; rays have length 1. Each `_hit_...` works in
the object's own frame (centre at the origin) and returns distance (N,), face (N,) and outward
normal (3, N); a distance of 1e9 means no hit. Faces number what an edge separates.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Ids = NDArray[np.int8]
Found = tuple[Array, Ids, Array]

FAR = np.float32(1e9)

# Half extents at scale 1: (radius or half side, half height).
_EXTENTS = {
    "cube": (0.75, 0.75),
    "cylinder": (0.72, 0.8),
    "sphere": (0.88, 0.88),
    "capsule": (0.66, 1.05),
}


@dataclass(frozen=True)
class Solid:
    """One object: a shape (cube, cylinder, sphere or capsule) at a scale."""

    shape: str
    scale: float

    @cached_property
    def radius(self) -> float:
        """Half the cube's side, or the radius of the others."""
        return self.scale * _EXTENTS[self.shape][0]

    @cached_property
    def half_height(self) -> float:
        """Half the height; the centre is this far above the floor."""
        return self.scale * _EXTENTS[self.shape][1]

    def gap(self, x: Array, y: Array) -> Array:
        """How far floor points lie outside the object seen from above (0 under it)."""
        if self.shape != "cube":
            return np.maximum(np.hypot(x, y) - np.float32(self.radius), 0)
        reach = np.float32(self.radius)
        return np.hypot(np.maximum(np.abs(x) - reach, 0), np.maximum(np.abs(y) - reach, 0))


def hit(solid: Solid, origin: Array, rays: Array) -> tuple[NDArray[np.intp], Array, Ids, Array]:
    """Which rays meet the object, and there distance (M,), face (M,) and outward normal (3, M).

    `origin` is (3, 1) for rays from one point, or (3, N).
    """
    local = origin - np.array([[0], [0], [solid.half_height]], np.float32)
    # Most rays pass far from the object: leave out those that miss a ball around it.
    middle = dot(local, rays)
    side = solid.radius * (np.sqrt(2) if solid.shape == "cube" else 1)
    reach = np.float32(side**2 + solid.half_height**2)
    near = np.flatnonzero(dot(local, local) - middle * middle < reach)
    local = local if local.shape[1] == 1 else local[:, near]
    distance, face, normal = _hit_solid(solid, local, rays[:, near])
    met = distance < FAR
    return near[met], distance[met], face[met], normal[:, met]


def dot(a: Array, b: Array) -> Array:
    """Scalar product of each pair of columns."""
    product: Array = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


def _hit_solid(solid: Solid, origin: Array, rays: Array) -> Found:
    match solid.shape:
        case "cube":
            return _hit_cube(origin, rays, solid.radius)
        case "cylinder":
            return _hit_cylinder(origin, rays, solid.radius, solid.half_height)
        case "sphere":
            return _hit_ball(origin, rays, solid.radius, 0.0)
        case _:
            return _hit_capsule(origin, rays, solid.radius, solid.half_height)


def _hit_cube(origin: Array, rays: Array, half: float) -> Found:
    """Slab method: the last of the three entries, if it comes before the first exit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / rays
        one, two = (-half - origin) * inverse, (half - origin) * inverse
    enter, leave = np.minimum(one, two), np.maximum(one, two)
    axis = np.argmax(enter, axis=0)
    columns = np.arange(rays.shape[1])
    near, far = enter[axis, columns], leave.min(axis=0)
    normal = np.zeros_like(rays)
    normal[axis, columns] = -np.sign(rays[axis, columns])
    met = (near < far) & (near > 0)
    return np.where(met, near, FAR), axis.astype(np.int8), normal


def _hit_cylinder(origin: Array, rays: Array, radius: float, half: float) -> Found:
    """The side between z = -half and half (face 0), or the lid on top (face 1)."""
    side, normal = _hit_side(origin, rays, radius, half)
    with np.errstate(divide="ignore", invalid="ignore"):
        lid = (half - origin[2]) / rays[2]
        beside = (origin[0] + lid * rays[0]) ** 2 + (origin[1] + lid * rays[1]) ** 2
    lid = np.where((lid > 0) & (beside <= radius**2), lid, FAR)
    first = lid < side
    normal[:, first] = np.array([[0], [0], [1]])
    return np.minimum(side, lid), first.astype(np.int8), normal


def _hit_capsule(origin: Array, rays: Array, radius: float, half: float) -> Found:
    """A cylinder with a half ball at each end; all one smooth face."""
    distance, normal = _hit_side(origin, rays, radius, half - radius)
    face = np.zeros(rays.shape[1], np.int8)
    for centre in (half - radius, radius - half):
        ball, _, facing = _hit_ball(origin, rays, radius, centre)
        first = ball < distance
        distance = np.minimum(distance, ball)
        normal[:, first] = facing[:, first]
    return distance, face, normal


def _hit_ball(origin: Array, rays: Array, radius: float, centre_z: float) -> Found:
    """A ball around (0, 0, centre_z)."""
    local = origin - np.array([[0], [0], [centre_z]], np.float32)
    middle = -dot(local, rays)
    root = middle**2 - dot(local, local) + np.float32(radius**2)
    distance = middle - np.sqrt(np.maximum(root, 0))
    distance = np.where((root > 0) & (distance > 0), distance, FAR)
    normal = np.asarray((local + distance * rays) / np.float32(radius), np.float32)
    return distance, np.zeros(rays.shape[1], np.int8), normal


def _hit_side(origin: Array, rays: Array, radius: float, half: float) -> tuple[Array, Array]:
    """The side of an upright cylinder between z = -half and half, from outside."""
    a = np.maximum(rays[0] ** 2 + rays[1] ** 2, np.float32(1e-12))
    middle = -(origin[0] * rays[0] + origin[1] * rays[1]) / a
    root = middle**2 - (origin[0] ** 2 + origin[1] ** 2 - np.float32(radius**2)) / a
    distance = middle - np.sqrt(np.maximum(root, 0))
    met = (root > 0) & (distance > 0) & (np.abs(origin[2] + distance * rays[2]) <= half)
    distance = np.where(met, distance, FAR)
    normal = np.zeros_like(rays)
    normal[:2] = (origin[:2] + distance * rays[:2]) / np.float32(radius)
    return distance, normal
