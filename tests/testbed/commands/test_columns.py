"""`testbed columns`: every column is told of, and the committed page is what it prints."""

from pathlib import Path

from testbed.results.derived import DERIVED
from testbed.results.record import COLUMNS
from testbed.sweep.columns import COLUMNS as OF_A_SWEEP
from tests.testbed.command_line import ROOT, run_testbed


def test_the_committed_page_is_what_the_command_prints(tmp_path: Path) -> None:
    done = run_testbed(tmp_path, "columns", "--markdown")
    assert (done.code, done.err) == (0, "")
    committed = (ROOT / "results" / "COLUMNS.md").read_text(encoding="utf-8")
    assert done.out == committed, "testbed columns --markdown > results/COLUMNS.md"
    rows = [line for line in committed.splitlines() if line.startswith("| ")]
    declared = [*COLUMNS, *(column for column, _ in DERIVED), *OF_A_SWEEP]
    for column in declared:
        cells = (column.name, column.unit, column.type, column.aggregate.value, column.doc)
        assert f"| {' | '.join(cells)} |" in rows
    assert len(rows) == len(declared) + 2 * 2  # headings and the lines below them


def test_for_people_it_fits_80_columns(tmp_path: Path) -> None:
    done = run_testbed(tmp_path, "columns")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    for column in (*COLUMNS, *OF_A_SWEEP):
        assert column.name in done.out
