"""A report's folder holds everything, or is not there."""

import json
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from testbed.errors import BadInput
from testbed.figures import style
from testbed.paper.report import Drawing, Report, Table, page, save_report
from testbed.paper.verdict import Claim, Verdict

CLAIM = Claim("less is sent", "a table", "1 MB", "1 MB or less", "more")
VERDICT = Verdict(CLAIM, "2 MB", "does not hold", "it is more", "counted")
FRAME = pd.DataFrame({"who": ["a|b", "c"], "bytes": [1234567, None], "share": [0.12345, 1.0]})


def report(**changed: object) -> Report:
    with style.applied():
        figure = style.figure(1.0)
        figure.add_subplot().plot([1, 2])
    parts: dict[str, object] = {
        "name": "trial",
        "title": "A trial",
        "tables": (Table("numbers", FRAME, "What was counted."),),
        "drawings": (Drawing("lines", figure, "Lines."),),
        "verdicts": (VERDICT,),
        "provenance": {"seeds": (1, 2), "data": "none given", "seconds": 1.5},
        "notes": ("A note.",),
    }
    return Report(**(parts | changed))  # type: ignore[arg-type]


def test_the_folder_holds_all_that_the_report_has(tmp_path: Path) -> None:
    out = tmp_path / "below" / "trial"
    save_report(report(), out)
    assert {path.name for path in out.iterdir()} == {
        "numbers.csv",
        "lines.png",
        "lines.svg",
        "trial.md",
        "verdicts.json",
        "provenance.json",
    }
    verdicts = json.loads((out / "verdicts.json").read_text())["verdicts"]
    assert verdicts == [VERDICT.plain()]
    assert verdicts[0]["claim"] == "less is sent" and verdicts[0]["word"] == "does not hold"
    assert pd.read_csv(out / "numbers.csv").equals(FRAME)
    assert json.loads((out / "provenance.json").read_text())["seeds"] == [1, 2]
    with Image.open(out / "lines.png") as picture:
        assert picture.width == pytest.approx(style.WIDTH_IN * style.PNG_DPI, abs=1)


def test_the_page_shows_claim_measurement_verdict_and_provenance() -> None:
    text = page(report())
    for part in (
        "less is sent",
        "1 MB",
        "2 MB",
        "***does not hold***",
        "it is more",
        "seeds: 1, 2",
    ):
        assert part in text
    assert "(lines.png)" in text and "numbers.csv" in text and "A note." in text


def test_a_table_on_the_page_keeps_its_columns_apart() -> None:
    rows = [line for line in page(report()).splitlines() if line.startswith("|")]
    assert rows[1] == "| :--- | ---: | ---: |"
    assert rows[2] == "| a\\|b | 1,234,567 | 0.1235 |"
    assert rows[3] == "| c | \N{EN DASH} | 1 |"


def test_a_table_may_show_less_than_its_file_holds(tmp_path: Path) -> None:
    short = Table("numbers", FRAME, "Some.", shown=FRAME.head(1))
    save_report(report(tables=(short,)), tmp_path / "out")
    assert "| c |" not in (tmp_path / "out" / "trial.md").read_text()
    assert len(pd.read_csv(tmp_path / "out" / "numbers.csv")) == 2


def test_what_cannot_be_drawn_leaves_no_folder(tmp_path: Path) -> None:
    broken = Figure()
    broken.add_subplot().set_title("$unfinished_{$")
    with pytest.raises(ValueError, match="unfinished"):
        save_report(report(drawings=(Drawing("broken", broken, ""),)), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="allowed: a new or empty one"):
        save_report(report(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
