"""MEDIC: photographs of disasters, with how severe the damage is and which disaster it was.

A folder as released: `MEDIC_train.tsv`, `MEDIC_test.tsv`, and the pictures at the `image_path` of
each row, relative to the folder. As in MTL-Split, rows whose disaster is `not_disaster` or
`other_disaster` are left out, and the release's third file, `MEDIC_dev.tsv`, is not used.

Source: Alam et al., "MEDIC: A Multi-Task Learning Dataset for Disaster Image Classification", 2023,
https://crisisnlp.qcri.org/medic/
"""

import csv
from pathlib import Path

import numpy as np

from testbed.data.camera import Camera
from testbed.data.classes import CLASS_NAMES, Classes
from testbed.data.dataset import what_is_at
from testbed.data.factors import Split
from testbed.data.photos import Photos
from testbed.errors import BadInput
from testbed.storage.files import reading

PUBLISHED_SAMPLES = {"train": 23_075, "test": 5_649}
_LEFT_OUT = frozenset({"not_disaster", "other_disaster"})
_TASKS = CLASS_NAMES["medic"]
_COLUMNS = ("image_path", *_TASKS)


def open_medic(folder: Path, split: Split, classes: Classes, camera: Camera) -> Photos:
    """Raises BadInput for a folder that is not MEDIC's."""
    table = folder / f"MEDIC_{split}.tsv"
    rows = [row for row in _rows(table) if row["disaster_types"] not in _LEFT_OUT]
    if not rows:
        raise BadInput(f"medic: {table}: found no disaster among its rows, allowed: MEDIC's own")
    files = [folder / row["image_path"] for row in rows]
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise BadInput(
            f"medic: {missing[0]}: found {what_is_at(missing[0])}, allowed: the picture that "
            f"{table.name} names ({len(missing)} of {len(files)} missing)"
        )
    labels = {
        task: np.array([names.index(row[task]) for row in rows]) for task, names in _TASKS.items()
    }
    notes = {"split_file": table.name, "published_samples": PUBLISHED_SAMPLES[split]}
    return Photos(f"medic-{split}", files, classes, labels, camera, notes)


def _rows(table: Path) -> list[dict[str, str]]:
    """The rows of one split file, each with known classes."""
    if not table.is_file():
        raise BadInput(
            f"medic: {table}: found {what_is_at(table)}, allowed: a folder with MEDIC_train.tsv, "
            "MEDIC_test.tsv and the pictures they name"
        )
    with (
        reading(f"medic: {table}", "tab-separated text", csv.Error),
        table.open(encoding="utf-8", newline="") as text,
    ):
        reader = csv.DictReader(text, delimiter="\t")
        lacking = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise BadInput(
                f"medic: {table}: found no column {', '.join(lacking)}, "
                f"allowed: tab-separated columns {', '.join(_COLUMNS)}"
            )
        return [_checked(row, f"medic: {table}: line {reader.line_num}") for row in reader]


def _checked(row: dict[str, str], where: str) -> dict[str, str]:
    """The row. Raises BadInput for a class MEDIC does not have, or a row cut short."""
    for task, classes in _TASKS.items():
        allowed = {*classes, *(_LEFT_OUT if task == "disaster_types" else ())}
        if row[task] not in allowed:
            found = "nothing" if row[task] is None else repr(row[task])
            raise BadInput(f"{where}: {task}: found {found}, allowed: {', '.join(sorted(allowed))}")
    return row
