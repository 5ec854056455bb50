"""`testbed sweep` from the outside: what it leaves, what it prints, how it ends."""

import signal
from pathlib import Path
from time import sleep

import pytest

from testbed.sweep.folder import POINTS, load_sweep
from tests.testbed.command_line import finish, run_testbed, started
from tests.testbed.sweep.small import write_sweep

pytestmark = pytest.mark.realtime

BANDWIDTH = """
description: rate of both lanes
axes:
  - link.uplink.rate: {log: [200kbit, 100mbit], points: 12}
    link.downlink.rate: {log: [200kbit, 100mbit], points: 12}
"""
LONG = """
set: {workload.requests: 400}
axes: [{link.uplink.rate: {log: [200kbit, 100mbit], points: 100}}]
"""


def test_a_bandwidth_sweep_ends_with_its_figure_and_crossovers(tmp_path: Path) -> None:
    write_sweep(tmp_path, BANDWIDTH)
    ended = run_testbed(tmp_path, "sweep", "sweep.yaml", "--workers", "2")
    assert ended.code == 0, ended.err
    assert ended.leftovers == []
    assert "12 of 12 points, virtual clock" in ended.err
    assert "rossovers" in ended.out
    folder = tmp_path / ended.out.splitlines()[-1]
    assert load_sweep(folder).table["failed"].isna().all()
    figures = {path.name for path in (folder / "figures").iterdir()}
    assert {"latency-vs-bandwidth.png", "latency-vs-bandwidth.svg", "crossovers.csv"} <= figures


def test_ctrl_c_leaves_a_folder_and_the_command_that_goes_on(tmp_path: Path) -> None:
    write_sweep(tmp_path, LONG)
    points = tmp_path / "out" / POINTS
    with started(tmp_path, "sweep", "sweep.yaml", "--workers", "2", "--out", "out") as (
        command,
        process,
    ):
        while process.poll() is None and len(list(points.glob("*.json"))) < 3:
            sleep(0.05)
        process.send_signal(signal.SIGINT)
        ended = finish(command, process)
    assert ended.code == 130
    assert ended.leftovers == []
    lines = " ".join(ended.err.split())
    again = "testbed sweep sweep.yaml --workers 2 --out out --resume"
    assert f"of 100 points are kept; to go on: {again}" in lines
    assert lines.endswith("testbed: interrupted")
    assert 3 <= len(list(points.glob("*.json"))) < 100
    assert not list(points.glob(".*"))
    refused = run_testbed(tmp_path, "sweep", "sweep.yaml", "--out", "out")
    assert refused.code == 2
    assert len(refused.err.splitlines()) == 1
    assert "of 100 points done, allowed: --resume" in refused.err
    drawn = run_testbed(tmp_path, "plot", "out")
    assert drawn.code == 2
    assert "of 100 points done, allowed: a finished sweep" in drawn.err


def test_failed_points_are_counted_at_the_end(tmp_path: Path) -> None:
    write_sweep(
        tmp_path,
        "clock: wall\nbackend: simpy\naxes: [{link.tolerance: [{rate: 0%, rtt: 0%}]}]",
    )
    ended = run_testbed(tmp_path, "sweep", "sweep.yaml", "--out", "out")
    assert ended.code == 1
    assert ended.leftovers == []
    said = " ".join(ended.err.split())
    assert "testbed: 1 of 1 points failed, see the column failed of sweep.parquet" in said
    assert "--out out --resume" in said
    (reason, _) = load_sweep(tmp_path / "out").table["failed"]
    assert "allowed" in reason


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("axes: [{link.uplink.speed: [1mbit]}]", (), "link.uplink.speed: unknown key, allowed:"),
        (
            "axes: [{link.uplink.rate: {log: [1mbit, 9mbit], points: 0}}]",
            (),
            "axes.0.link.uplink.rate.points: found 0, allowed:",
        ),
        ("axes: [{seed: [1]}]", ("--dask", "nowhere"), "--dask nowhere: "),
        ("axes: [{seed: [1]}]", ("--resume",), "--resume: found no --out, allowed: with --out"),
        ("axes: [{seed: [1]}]", ("--workers", "0"), "--workers"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    tmp_path: Path, text: str, arguments: tuple[str, ...], message: str
) -> None:
    write_sweep(tmp_path, text)
    ended = run_testbed(tmp_path, "sweep", "sweep.yaml", *arguments)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert message in ended.err
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["profiles"]
