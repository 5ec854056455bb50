"""The user's own pictures with labels: a folder of them, and a table that says what each shows."""

from pathlib import Path

import numpy as np

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.factors import Split
from testbed.data.labels_csv import FILE, read_labels
from testbed.data.photos import Photos


def labelled_classes(folder: Path) -> Classes:
    """Every task of the folder's `labels.csv`, and its classes. Raises BadInput."""
    return read_labels(folder).classes


def open_labelled(folder: Path, split: Split, classes: Classes, camera: Camera) -> Photos:
    """One split of the folder. Raises BadInput for labels that cannot be used."""
    found = read_labels(folder)
    mine = [name for name in found.files if found.splits[name] == split]
    labels = {
        task: np.array([names.index(found.files[name][task]) for name in mine])
        for task, names in classes.items()
    }
    notes = {
        "folder": folder.resolve().name,  # results tell nothing of where a user keeps things
        "labels": FILE,
        "split": "one in five, drawn by name" if found.drawn else f"as {FILE} says",
    }
    return Photos(
        f"folder-{split}", [folder / name for name in mine], classes, labels, camera, notes
    )
