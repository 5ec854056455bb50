"""What every data set with labels has in common: a split, the tasks asked for, their labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from testbed.data.classes import CLASS_NAMES, Classes
from testbed.data.factors import SPLITS
from testbed.errors import BadInput


class Labelled:
    """Name, tasks and labels of one split; those who derive from it add the images."""

    def __init__(
        self, name: str, classes: Classes, labels: Mapping[str, NDArray[np.int64]]
    ) -> None:
        """`classes`: from `choose_tasks`. `labels`: at least theirs, (N,) class indices each."""
        self._name, self._class_names, self._labels = name, classes, labels
        self._tasks = {task: len(names) for task, names in classes.items()}
        self._samples = len(next(iter(labels.values())))

    @property
    def name(self) -> str:
        """Data set and split, such as "shapes3d-test"."""
        return self._name

    @property
    def tasks(self) -> Mapping[str, int]:
        """Task name -> number of classes."""
        return self._tasks

    @property
    def class_names(self) -> Classes:
        """Task name -> names of its classes."""
        return self._class_names

    def __len__(self) -> int:
        return self._samples

    def labels(self, index: int) -> dict[str, int]:
        """Class index for each task. Raises IndexError outside the split."""
        self.check(index)
        return {task: int(self._labels[task][index]) for task in self._tasks}

    def check(self, index: int) -> int:
        """The index itself. Raises IndexError outside the split."""
        if not 0 <= index < self._samples:
            raise IndexError(f"{self.name} sample {index}: allowed is 0..{len(self) - 1}")
        return index


def choose_tasks(dataset: str, tasks: Sequence[str]) -> Classes:
    """Task -> its classes, in the order asked for. Raises BadInput for an unknown task."""
    offered = CLASS_NAMES[dataset]
    unknown = [task for task in tasks if task not in offered]
    if unknown or not tasks:
        allowed = ", ".join(f"{task} ({len(classes)})" for task, classes in offered.items())
        found = ", ".join(unknown) or "none"
        raise BadInput(f"tasks: found {found}, allowed for {dataset}: {allowed}")
    return {task: offered[task] for task in tasks}


def check_split(split: str) -> None:
    """Raises BadInput for anything but train and test."""
    if split not in SPLITS:
        raise BadInput(f"split: found {split!r}, allowed: {', '.join(SPLITS)}")


def what_is_at(path: Path) -> str:
    """For an error message: what was found where a file or folder was expected."""
    if path.is_dir():
        return "a folder"
    return "a file" if path.exists() else "nothing"
