"""A run folder that is damaged, or none, is told in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import testbed.figures.kinds
from testbed.errors import BadInput
from testbed.runs.folder import load
from tests.testbed import synthetic


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A saved run without figures, which `load` does not read."""

    def draw(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> list[Path]:
        return []

    monkeypatch.setattr(testbed.figures.kinds, "draw_all", draw)
    return synthetic.save(None, tmp_path)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda run: _cut(run / "requests.parquet"), "requests.parquet"),
        (lambda run: (run / "requests.parquet").unlink(), "requests.parquet"),
        (lambda run: _cut(run / "link.json"), "link.json"),
        (lambda run: (run / "link.json").write_text("[1]"), "found list"),
        (lambda run: (run / "environment.json").write_bytes(b"\xff\xfe{"), "environment.json"),
        (lambda run: (run / "scenario.yaml").unlink(), "scenario.yaml: no such file"),
        (lambda run: (run / "summary.json").unlink(), "no summary.json"),
        (lambda run: (run / "summary.json").write_text('{"schema": 2}'), "found schema 2"),
        (lambda run: (run / "summary.json").write_text("{}"), "found schema None"),
    ],
)
def test_damage_is_told_in_one_line(
    folder: Path, damage: Callable[[Path], object], told: str
) -> None:
    load(folder)
    damage(folder)
    with pytest.raises(BadInput) as found:
        load(folder)
    assert told in str(found.value) and "\n" not in str(found.value)


def test_what_is_no_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(BadInput, match=r"found no summary\.json, allowed: .*") as found:
            load(path)
        assert str(found.value).startswith(f"{path}: ")
