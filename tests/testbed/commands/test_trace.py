"""`testbed trace import`: from the table that a scenario refuses to the trace that it takes."""

from pathlib import Path

import pytest

from emulation.trace import load_trace
from testbed.commands.app import main
from testbed.config.scenario_file import load_scenario
from testbed.errors import BadInput
from tests.testbed.command_line import SCENARIOS

LTE = SCENARIOS / "lte.yaml"


def imported(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["testbed", "trace", "import", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(str(left.value.code))


def test_what_a_scenario_refuses_it_takes_once_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table, trace = tmp_path / "seconds-and-mbps", tmp_path / "my.trace"
    table.write_text("0.0 1.2\n1.0 3.6\n2.0 0.0\n")
    changes = ["link.uplink.rate=null", f"link.uplink.trace={table}"]
    with pytest.raises(BadInput, match=r"line 1: found '0\.0 1\.2'.*`testbed trace import`"):
        load_scenario(LTE, changes)
    assert imported(monkeypatch, str(table), "--out", str(trace)) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{trace}\n"
    assert captured.err.startswith("401 packets in 3 s, 1.6 Mbit/s on average\nnote: ")
    assert "is not what the link could carry" in captured.err
    changes[1] = f"link.uplink.trace={trace}"
    spec = load_scenario(LTE, changes).link.to_spec()
    assert spec.uplink.trace == load_trace(trace)


def test_columns_and_units(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table, trace = tmp_path / "ucc.csv", tmp_path / "down"
    table.write_text(
        "Timestamp,CQI,DL_bitrate\n2019.12.14_10.16.30,9,12\n2019.12.14_10.16.31,9,0\n"
    )
    asked = ("--rate-column", "DL_bitrate", "--time-column", "Timestamp", "--unit", "kbit")
    assert imported(monkeypatch, str(table), "--out", str(trace), *asked) == 0
    assert trace.read_text() == "1000\n2000\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--unit", "mbits"], "--unit: found 'mbits' (did you mean mbit?), allowed: mbit, kbit"),
        (["--rate-column", "3"], "--rate-column: found '3', allowed: 1 to 2"),
        ([], "line 2: found 'fast', allowed: a rate"),
    ],
)
def test_refused_in_one_line_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    more: list[str],
    message: str,
) -> None:
    table, trace = tmp_path / "table", tmp_path / "trace"
    table.write_text("0 1\n1 fast\n")
    assert imported(monkeypatch, str(table), "--out", str(trace), *more) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not trace.exists()
