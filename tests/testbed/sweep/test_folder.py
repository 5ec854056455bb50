"""A sweep's folder: what is read back, and one line for each that is none."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from testbed.errors import BadInput
from testbed.sweep import folder as kept
from testbed.sweep.columns import table_of_rows

PLAN: dict[str, Any] = {
    "name": "s",
    "description": "words",
    "axes": [["seed"]],
    "points": ["a", "b"],
}


def begin(folder: Path) -> None:
    kept.write_plan(folder, PLAN, "name: s\n", "name: small\n", unfinished=True)


def table() -> pd.DataFrame:
    rows = [
        {"point": point, "index": i, "seed": i, "deployment": "local"}
        for i, point in enumerate("ab")
    ]
    return table_of_rows(rows, ["seed"])


def test_a_finished_sweep_comes_back(tmp_path: Path) -> None:
    begin(tmp_path)
    kept.write_rows(tmp_path, table())
    sweep = kept.load_sweep(tmp_path)
    assert (sweep.name, sweep.description, sweep.axes) == ("s", "words", (("seed",),))
    pd.testing.assert_frame_equal(sweep.table, table())
    assert (tmp_path / kept.SWEEP_FILE).read_text() == "name: s\n"
    assert (tmp_path / kept.BASE_FILE).read_text() == "name: small\n"


def test_points_are_kept_whole(tmp_path: Path) -> None:
    begin(tmp_path)
    kept.write_point(tmp_path, "a", {"failed": None, "summary": {"x": 1.5}})
    assert kept.read_point(tmp_path, "a") == {
        "schema": kept.SCHEMA,
        "point": "a",
        "failed": None,
        "summary": {"x": 1.5},
    }
    assert [file.name for file in (tmp_path / kept.POINTS).iterdir()] == ["a.json"]
    assert kept.read_point(tmp_path, "b") is None


@pytest.mark.parametrize("text", ["", '{"schema": 1, "point": "a", "summ', "[1]", '{"schema": 0}'])
def test_a_damaged_point_counts_as_not_done(tmp_path: Path, text: str) -> None:
    begin(tmp_path)
    (tmp_path / kept.POINTS / "a.json").write_text(text)
    assert kept.read_point(tmp_path, "a") is None


def test_a_half_written_sweep_says_so_in_one_line(tmp_path: Path) -> None:
    begin(tmp_path)
    kept.write_point(tmp_path, "b", {})
    with pytest.raises(
        BadInput, match=r"found a sweep with 1 of 2 points done, allowed: .*--resume"
    ):
        kept.load_sweep(tmp_path)


def test_going_on_takes_an_old_table_away(tmp_path: Path) -> None:
    begin(tmp_path)
    kept.write_rows(tmp_path, table())
    begin(tmp_path)
    assert not (tmp_path / kept.TABLE).exists()


def test_what_is_no_sweep(tmp_path: Path) -> None:
    assert not kept.is_sweep(tmp_path)
    with pytest.raises(BadInput, match=r"found no sweep\.json, allowed: the folder of a sweep"):
        kept.load_sweep(tmp_path)
    begin(tmp_path)
    (tmp_path / kept.TABLE).write_text("not Parquet")
    with pytest.raises(BadInput, match=r"sweep\.parquet: not a readable Parquet file"):
        kept.load_sweep(tmp_path)
    (tmp_path / kept.PLAN).write_text('{"schema": 99}')
    with pytest.raises(BadInput, match=r"sweep\.json: found schema 99, allowed: 1"):
        kept.load_sweep(tmp_path)
    (tmp_path / kept.PLAN).write_text("{")
    with pytest.raises(BadInput, match=r"sweep\.json: damaged"):
        kept.load_sweep(tmp_path)


def test_a_table_without_the_axes_is_refused(tmp_path: Path) -> None:
    begin(tmp_path)
    kept.write_rows(tmp_path, table().drop(columns="seed"))
    with pytest.raises(BadInput, match="found no column seed"):
        kept.load_sweep(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="allowed: a folder that can be written"):
        begin(tmp_path / "file")
