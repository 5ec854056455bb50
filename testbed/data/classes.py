"""What each data set can be asked, and what the classes are called.

The order of the classes is the published one: for 3D Shapes that of the factor values, for MEDIC
and FACES the alphabetical order of the published codes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from testbed.data.factors import FACTOR_VALUES, SHAPES

Classes = Mapping[str, tuple[str, ...]]
"""Task -> names of its classes, in the order of their indices."""

_DIGITS = tuple("0123456789")

SHAPES3D: Classes = MappingProxyType(
    {
        factor: SHAPES if factor == "shape" else tuple(f"{value:.4g}" for value in values)
        for factor, values in FACTOR_VALUES.items()
    }
)
MULTIMNIST: Classes = MappingProxyType({"left": _DIGITS, "right": _DIGITS})
MEDIC: Classes = MappingProxyType(
    {
        "damage_severity": ("little_or_none", "mild", "severe"),
        "disaster_types": ("earthquake", "fire", "flood", "hurricane", "landslide"),
    }
)
FACES: Classes = MappingProxyType(
    {
        "age": ("middle-aged", "older", "young"),
        "gender": ("female", "male"),
        "expression": ("anger", "disgust", "fear", "happiness", "neutrality", "sadness"),
    }
)

CLASS_NAMES: Mapping[str, Classes] = MappingProxyType(
    {"shapes3d": SHAPES3D, "multimnist": MULTIMNIST, "medic": MEDIC, "faces": FACES}
)
"""Data set -> task -> names of its classes."""
