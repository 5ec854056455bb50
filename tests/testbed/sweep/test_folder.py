"""A sweep's folder: what is read back, and one line for each that is none."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from testbed.errors import BadInput
from testbed.points.store import Point, PointResult
from testbed.sweep import folder as sweep_folder
from testbed.sweep.columns import table_of_rows

PLAN: dict[str, Any] = {
    "name": "s",
    "description": "words",
    "axes": [["seed"]],
    "points": ["a", "b"],
}


def begin(folder: Path) -> None:
    sweep_folder.write_plan(folder, PLAN, "name: s\n", "name: small\n", unfinished=True)


def table() -> pd.DataFrame:
    rows = [
        {"point": point, "index": i, "seed": i, "deployment": "local"}
        for i, point in enumerate("ab")
    ]
    return table_of_rows(rows, ["seed"])


def test_a_finished_sweep_comes_back(tmp_path: Path) -> None:
    begin(tmp_path)
    sweep_folder.write_rows(tmp_path, table())
    sweep = sweep_folder.load_sweep(tmp_path)
    assert (sweep.name, sweep.description, sweep.axes) == ("s", "words", (("seed",),))
    pd.testing.assert_frame_equal(sweep.table, table())
    assert (tmp_path / sweep_folder.SWEEP_FILE).read_text() == "name: s\n"
    assert (tmp_path / sweep_folder.BASE_FILE).read_text() == "name: small\n"


def test_a_half_written_sweep_says_so_in_one_line(tmp_path: Path) -> None:
    begin(tmp_path)
    result = PointResult("b", {}, None, 1.0, 1)
    sweep_folder.point_store(tmp_path).keep(Point("b", None, {}), result)
    with pytest.raises(
        BadInput, match=r"found a sweep with 1 of 2 points done, allowed: .*--resume"
    ):
        sweep_folder.load_sweep(tmp_path)


def test_going_on_takes_an_old_table_away(tmp_path: Path) -> None:
    begin(tmp_path)
    sweep_folder.write_rows(tmp_path, table())
    begin(tmp_path)
    assert not (tmp_path / sweep_folder.TABLE).exists()


def test_what_is_no_sweep(tmp_path: Path) -> None:
    assert not sweep_folder.is_sweep(tmp_path)
    with pytest.raises(BadInput, match=r"found no sweep\.json, allowed: the folder of a sweep"):
        sweep_folder.load_sweep(tmp_path)
    begin(tmp_path)
    (tmp_path / sweep_folder.TABLE).write_text("not Parquet")
    with pytest.raises(BadInput, match=r"sweep\.parquet: damaged or foreign"):
        sweep_folder.load_sweep(tmp_path)
    (tmp_path / sweep_folder.PLAN).write_text('{"schema": 99}')
    with pytest.raises(BadInput, match=r"sweep\.json: found schema 99, allowed: 1"):
        sweep_folder.load_sweep(tmp_path)
    (tmp_path / sweep_folder.PLAN).write_text("{")
    with pytest.raises(BadInput, match=r"sweep\.json: damaged"):
        sweep_folder.load_sweep(tmp_path)


def test_a_table_without_the_axes_is_refused(tmp_path: Path) -> None:
    begin(tmp_path)
    sweep_folder.write_rows(tmp_path, table().drop(columns="seed"))
    with pytest.raises(BadInput, match="found no column seed"):
        sweep_folder.load_sweep(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="allowed: a place that can be written"):
        begin(tmp_path / "file")
    (tmp_path / sweep_folder.PLAN).write_text('{"schema": 1, "name": "s", "description": ""}')
    with pytest.raises(BadInput, match=r"sweep\.json: axes: missing, and it is required"):
        sweep_folder.load_sweep(tmp_path)
