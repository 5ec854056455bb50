"""The table of faults: what its page says of what was found."""

from pathlib import Path

import pandas as pd

from benchmarks.faults import COLUMNS, write_report
from tests.faults.matrix import CASES
from tests.faults.outcome import Counted, Outcome


def test_the_page_counts_what_does_not_hold(tmp_path: Path) -> None:
    fine = Outcome("a killed", 1, -9, Counted(10, 6, 1, 1, 2), (), "why")
    left = Outcome("b killed", 1, 1, Counted(10, 5, unaccounted=5), ("process 7",), "")
    rows = [{"kind": "killed"} | outcome.row() for outcome in (fine, left)]
    table = pd.DataFrame(rows)
    table["sent"] = table["requests"] - table["never_asked"]
    write_report(table, {"command": "python -m benchmarks.faults"}, tmp_path)
    page = (tmp_path / "faults.md").read_text()
    assert "1 of 2 cases hold: 2 faults, 20 requests planned, unaccounted 5, left behind 1" in page
    assert "| a killed | 1 | -9 | 10 | 8 | 6 | 1 | 1 | 2 | 0 | 0 |" in page
    assert set(COLUMNS) <= {*pd.read_csv(tmp_path / "faults.csv").columns}
    assert (fine.holds, left.holds) == (True, False)


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
