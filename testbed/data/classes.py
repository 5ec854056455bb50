"""What each data set can be asked, and what the classes are called.

The order of the classes is the published one: for 3D Shapes that of the factor values, for MEDIC
and FACES the alphabetical order of the published codes. What a folder of the user's own can be
asked stands in the folder (`labels_csv.py`).
"""

from collections.abc import Mapping, Sequence

from testbed.data.factors import FACTOR_VALUES, SHAPES
from testbed.data.light import LIGHTS
from testbed.errors import BadInput

Classes = Mapping[str, tuple[str, ...]]
"""Task -> names of its classes, in the order of their indices."""

_DIGITS = tuple("0123456789")
_GARMENTS = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip

CLASS_NAMES: Mapping[str, Classes] = {
    "shapes3d": {
        factor: SHAPES if factor == "shape" else tuple(f"{value:.4g}" for value in values)
        for factor, values in FACTOR_VALUES.items()
    },
    "multimnist": {"left": _DIGITS, "right": _DIGITS},
    "multi_fashion": {"left": _GARMENTS, "right": _GARMENTS},
    "multi_fashion_mnist": {"left": _DIGITS, "right": _GARMENTS},
    "collage": {"digit": _DIGITS, "shape": SHAPES, "light": tuple(LIGHTS)},
    "medic": {
        "damage_severity": ("little_or_none", "mild", "severe"),
        "disaster_types": ("earthquake", "fire", "flood", "hurricane", "landslide"),
    },
    "faces": {
        "age": ("middle-aged", "older", "young"),
        "gender": ("female", "male"),
        "expression": ("anger", "disgust", "fear", "happiness", "neutrality", "sadness"),
    },
}
"""Data set -> task -> names of its classes."""


def choose_tasks(dataset: str, offered: Classes, tasks: Sequence[str]) -> Classes:
    """Task -> its classes, in the order asked for. Raises BadInput for an unknown task."""
    unknown = [task for task in tasks if task not in offered]
    if unknown or not tasks:
        allowed = ", ".join(f"{task} ({len(classes)})" for task, classes in offered.items())
        found = ", ".join(unknown) or "none"
        raise BadInput(f"tasks: found {found}, allowed for {dataset}: {allowed}")
    return {task: offered[task] for task in tasks}
