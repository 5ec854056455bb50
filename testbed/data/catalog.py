"""Every data set with labels, by name: what it offers, and how to open it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from testbed.data.camera import Camera, Side
from testbed.data.classes import CLASS_NAMES, Classes, choose_tasks
from testbed.data.collage import Collage
from testbed.data.dataset import Dataset
from testbed.data.faces import open_faces
from testbed.data.factors import SPLITS, Split
from testbed.data.medic import open_medic
from testbed.data.multimnist import MultiMnist
from testbed.data.shapes3d import TASKS, RenderedShapes3D, Shapes3DFile
from testbed.errors import BadInput

DATASETS: Mapping[str, Mapping[str, int]] = {
    name: {task: len(classes) for task, classes in tasks.items()}
    for name, tasks in CLASS_NAMES.items()
}
"""Data set -> every task it offers -> number of classes. No file is opened to know this."""

DEFAULT_TASKS: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(tasks) for name, tasks in DATASETS.items()},
    "shapes3d": TASKS,
}
"""What each data set is asked unless told otherwise; for the published ones as published."""

_MADE_HERE: Mapping[str, Callable[[Split, Classes, Camera], Dataset]] = {
    "shapes3d": RenderedShapes3D,
    "collage": Collage,
    "multimnist": MultiMnist,
}
_IN_FILES = {"shapes3d": Shapes3DFile, "medic": open_medic, "faces": open_faces}
_FOLDERS = {
    "medic": "folder with MEDIC_train.tsv and MEDIC_test.tsv",
    "faces": "folder of FACES pictures",
}


def open_dataset(
    name: str,
    split: Split,
    *,
    path: Path | None = None,
    tasks: Sequence[str] | None = None,
    camera_px: Side | None = None,
    camera_noise: float = 0.0,
    seed: int = 0,
) -> Dataset:
    """One split of a data set.

    `path`: the published 3D Shapes file (shapes3d is rendered without it), or the folder of MEDIC
    or FACES. `tasks`: those to label, in order; None takes `DEFAULT_TASKS`.
    `camera_px`: every image becomes a square of that side, or has that width and height, drawn so
    or resized; None leaves images as the data set has them (64 px for shapes3d, 36 px for
    multimnist, 1280x720 for collage, photographs as they are). `camera_noise`: in 8-bit levels,
    seeded by `seed`; photographs have their own and get none.

    Raises BadInput for an unknown name, split or task, a path that is missing, not wanted or not
    what the data set is, and a package that is not installed.
    """
    if name not in DATASETS:
        raise BadInput(f"dataset: found {name!r}, allowed: {', '.join(DATASETS)}")
    camera = Camera(camera_px, camera_noise, seed)
    if path is None and name in _FOLDERS:
        raise BadInput(f"{name}: found no path to its files, allowed: a {_FOLDERS[name]}")
    if path is not None and name not in _IN_FILES:
        raise BadInput(f"{name}: found path {path}, allowed: none (packages ship its data)")
    if split not in SPLITS:
        raise BadInput(f"split: found {split!r}, allowed: {', '.join(SPLITS)}")
    classes = choose_tasks(name, DEFAULT_TASKS[name] if tasks is None else tasks)
    if path is None:
        return _MADE_HERE[name](split, classes, camera)
    return _IN_FILES[name](path, split, classes, Camera(camera_px) if name in _FOLDERS else camera)
