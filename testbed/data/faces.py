"""FACES: 171 people of three ages, each with six expressions in two picture sets.

Everything is in a picture's name, `<person>_<age>_<gender>_<expression>_<set>.jpg`, such as
`140_y_f_a_a.jpg`. MTL-Split's split, 1,642 and 410 of 2,052 pictures, is 4 : 1 by picture (410 is
no multiple of a person's 12); which picture went where is not published. Here a folder with
`train/` and `val/`, as its code expects, is used as it is; the pictures of any other folder are
drawn 4 : 1 with a fixed seed, by picture too, so the same people are in both splits.

Source: Ebner, Riediger & Lindenberger, "FACES: a database of facial expressions", 2010,
https://faces.mpdl.mpg.de
"""

import re
from pathlib import Path

import numpy as np

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import what_is_at
from testbed.data.factors import Split
from testbed.data.photos import Photos
from testbed.errors import BadInput
from testbed.storage.files import reading

PUBLISHED_SAMPLES = {"train": 1_642, "test": 410}
_FOLDERS = {"train": "train", "test": "val"}
_SEED = 1234
_TEST_SHARE = 5  # one picture in five
_CODES = {"age": "moy", "gender": "fm", "expression": "adfhns"}  # in the order of `classes.py`
_NAME = re.compile(r"\d+_(?P<age>[moy])_(?P<gender>[fm])_(?P<expression>[adfhns])_[ab]")
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def open_faces(folder: Path, split: Split, classes: Classes, camera: Camera) -> Photos:
    """Raises BadInput for a folder that is not of FACES."""
    if all((folder / name).is_dir() for name in _FOLDERS.values()):
        files = _pictures(folder / _FOLDERS[split])
        origin = f"folder {_FOLDERS[split]}"
    else:
        files = _drawn(_pictures(folder), split)
        origin = f"drawn 4 : 1 by picture, seed {_SEED}; the published draw is not published"
    labels = dict(zip(_CODES, np.array([_classes(file) for file in files]).T, strict=True))
    notes = {"split": origin, "published_samples": PUBLISHED_SAMPLES[split]}
    return Photos(f"faces-{split}", files, classes, labels, camera, notes)


def _pictures(folder: Path) -> list[Path]:
    """The folder's pictures in order of their names."""
    if not folder.is_dir():
        raise BadInput(f"faces: {folder}: found {what_is_at(folder)}, allowed: a folder of FACES")
    with reading(f"faces: {folder}", "a folder that can be read"):
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
    if not files:
        raise BadInput(f"faces: {folder}: found no picture, allowed: those of FACES")
    return files


def _drawn(files: list[Path], split: Split) -> list[Path]:
    """One split of a folder that has none; 2,052 pictures give 1,642 and 410."""
    tested = len(files) // _TEST_SHARE
    if not tested:
        raise BadInput(
            f"faces: {files[0].parent}: found {len(files)} pictures, "
            f"allowed: at least {_TEST_SHARE}, to have both splits"
        )
    order = np.random.default_rng(_SEED).permutation(len(files))
    mine = order[:tested] if split == "test" else order[tested:]
    return [files[number] for number in np.sort(mine).tolist()]


def _classes(file: Path) -> list[int]:
    """Class indices that the file's name holds, one a task."""
    codes = _NAME.fullmatch(file.stem.lower())
    if codes is None:
        raise BadInput(
            f"faces: {file}: found another name, allowed: <person>_<age: y, m or o>_<gender: f or "
            "m>_<expression: a, d, f, h, n or s>_<set: a or b>, such as 140_y_f_a_a.jpg"
        )
    return [letters.index(codes[task]) for task, letters in _CODES.items()]
