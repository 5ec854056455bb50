"""`labels.csv`: what is in the pictures of the user's own folder, one row a file and task.

Its columns are file, task and class, and split where the user has a split (train or test);
without one, one file in five is for testing, drawn by their names (`split.py`). Classes of a task
are the names found, sorted. Every file has every task, in one split.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from testbed.data.classes import Classes
from testbed.data.dataset import what_is_at
from testbed.data.factors import SPLITS, Split
from testbed.data.split import drawn_by_name
from testbed.errors import BadInput, nearest
from testbed.storage.files import reading, shown

FILE = "labels.csv"
_NEEDED, _SPLIT = ("file", "task", "class"), "split"


class Row(NamedTuple):
    """What one line says. split: empty where there is no such column."""

    line: int
    file: str
    task: str
    label: str
    split: str


@dataclass(frozen=True)
class Labels:
    """The table, checked. files: task -> class of each, in order of their names; splits: of each.

    drawn: whether the split is ours.
    """

    classes: Classes
    files: Mapping[str, Mapping[str, str]]
    splits: Mapping[str, Split]
    drawn: bool


def read_labels(folder: Path) -> Labels:
    """The folder's labels. Raises BadInput with file and line for whatever is wrong with them."""
    table = folder / FILE
    rows = _rows(table)
    files: dict[str, dict[str, Row]] = {}
    for row in rows:
        tasks = files.setdefault(row.file, {})
        if row.task in tasks:
            earlier = f"said in line {tasks[row.task].line}"
            raise _wrong(table, row, "file", f"{row.file} with task {row.task} again", earlier)
        tasks[row.task] = row
    names = {
        row.task: sorted({each.label for each in rows if each.task == row.task}) for row in rows
    }
    splits = _splits(table, files)
    _check_files(table, files, names)
    _check_classes(table, rows, names, splits)
    return Labels(
        classes={task: tuple(found) for task, found in names.items()},
        files={
            name: {task: row.label for task, row in files[name].items()} for name in sorted(files)
        },
        splits=splits,
        drawn=not rows[0].split,
    )


def _rows(table: Path) -> list[Row]:
    """At least one, each with a value in every column."""
    if not table.is_file():
        raise BadInput(
            f"{shown(table)}: found {what_is_at(table)}, "
            "allowed: a table with the columns file, task and class"
        )
    with (
        reading(table, "comma-separated text", csv.Error),
        table.open(encoding="utf-8-sig", newline="") as text,
    ):
        reader = csv.DictReader(text, strict=True)
        _check_columns(table, reader.fieldnames or ())
        rows = [_row(table, reader.line_num, values) for values in reader]
    if not rows:
        raise BadInput(f"{shown(table)}: found no row, allowed: one for each file and task")
    return rows


def _check_columns(table: Path, found: Iterable[str]) -> None:
    known = (*_NEEDED, _SPLIT)
    allowed = f"allowed: {', '.join(_NEEDED)}, and {_SPLIT} if you have one"
    for name in found:
        if name not in known:
            found_column = f"found column {name!r}{nearest(name, known)}"
            raise BadInput(f"{shown(table)}: line 1: {found_column}, {allowed}")
    lacking = [name for name in _NEEDED if name not in found]
    if lacking:
        raise BadInput(f"{shown(table)}: line 1: found no column {', '.join(lacking)}, {allowed}")


def _row(table: Path, line: int, values: Mapping[str | None, str | None]) -> Row:
    for column, value in values.items():
        if column is None or not value:
            found = "more values than columns" if column is None else f"no {column}"
            raise BadInput(f"{shown(table)}: line {line}: found {found}, allowed: one a column")
    split = values.get(_SPLIT) or ""
    file, task, label = (str(values[name]) for name in _NEEDED)
    row = Row(line, file, task, label, split)
    if split and split not in SPLITS:
        raise _wrong(table, row, _SPLIT, f"{split!r}{nearest(split, SPLITS)}", ", ".join(SPLITS))
    return row


def _splits(table: Path, files: Mapping[str, Mapping[str, Row]]) -> dict[str, Split]:
    """Of each file: the one it was given, or the one that is drawn."""
    first = {name: next(iter(tasks.values())) for name, tasks in files.items()}
    for name, tasks in files.items():
        for row in tasks.values():
            if row.split != first[name].split:
                said = f"{first[name].split}, as in line {first[name].line}"
                raise _wrong(table, row, _SPLIT, f"{row.split} for {name}", said)
    if not any(row.split for row in first.values()):
        return drawn_by_name(files)
    return {name: "test" if row.split == "test" else "train" for name, row in first.items()}


def _check_files(
    table: Path, files: Mapping[str, Mapping[str, Row]], names: Mapping[str, list[str]]
) -> None:
    """Each is there and has every task."""
    for name, tasks in files.items():
        row = next(iter(tasks.values()))
        picture = table.parent / name
        if not picture.is_file():
            raise _wrong(
                table, row, "file", f"{what_is_at(picture)} at {name}", "a picture in the folder"
            )
        lacking = [task for task in names if task not in tasks]
        if lacking:
            raise _wrong(
                table, row, "task", f"no {lacking[0]} for {name}", f"each of {', '.join(names)}"
            )


def _check_classes(
    table: Path, rows: list[Row], names: Mapping[str, list[str]], splits: Mapping[str, Split]
) -> None:
    """A task has classes to tell apart, and what is tested has been seen in training."""
    for split in SPLITS:
        if split not in splits.values():
            raise BadInput(
                f"{shown(table)}: found no file for {split}, allowed: at least one for each of "
                f"{', '.join(SPLITS)}"
            )
    trained = {(row.task, row.label) for row in rows if splits[row.file] == "train"}
    for row in rows:
        if len(names[row.task]) < 2:
            raise _wrong(
                table, row, "class", f"only {row.label} in task {row.task}", "at least two classes"
            )
        if (row.task, row.label) not in trained:
            raise _wrong(
                table, row, "class", f"{row.label} of {row.task} in the test split alone",
                "a class that a file for training has too; a column split says which those are",
            )  # fmt: skip


def _wrong(table: Path, row: Row, column: str, found: str, allowed: str) -> BadInput:
    where = f"{shown(table)}: line {row.line}: {column}"
    return BadInput(f"{where}: found {shown(found)}, allowed: {allowed}")
