"""Sweeps on a real dask cluster: a scheduler and two workers, all processes of their own."""

import json
import signal
import socket
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from testbed.errors import BadInput
from testbed.points import cluster
from testbed.points.cluster import ClusterLost, check_cluster
from testbed.sweep import work
from testbed.sweep.folder import POINTS, load_sweep
from testbed.sweep.run import SweepOptions, run_sweep
from tests.testbed.sweep.dask_cluster import dask_cluster
from tests.testbed.sweep.small import do, write_sweep

pytestmark = pytest.mark.realtime
distributed = pytest.importorskip("distributed")

POINTS_WANTED = 40
SWEEP = f"""
set: {{workload.requests: 100}}
axes: [{{link.uplink.rate: {{log: [1mbit, 100mbit], points: {POINTS_WANTED}}}}}]
"""


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def kept(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in (folder / POINTS).glob("*.json")]


def test_a_worker_killed_half_way_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    file = write_sweep(tmp_path, SWEEP)
    serial, _ = do(SweepOptions(file, Path("serial"), workers=1))
    with dask_cluster(tmp_path, workers=2) as found:
        told: list[int] = []
        alive: list[int] = []

        def kill_one_half_way(clock: str, done: int, total: int) -> None:
            told.append(done)
            if done == total // 2:
                workers_before = {point["process"] for point in kept(Path("out"))}
                assert len(workers_before) == 2
                found.workers[0].send_signal(signal.SIGKILL)
                found.workers[0].wait()
            if done == total:
                alive.append(found.count())

        options = SweepOptions(file, Path("out"), dask=found.address)
        finished = run_sweep(options, lambda line: None, kill_one_half_way)
    assert alive == [1]
    assert told == list(range(POINTS_WANTED + 1))
    assert (finished.points, finished.failed) == (POINTS_WANTED, ())
    points = kept(Path("out"))
    assert len({point["point"] for point in points}) == len(points) == POINTS_WANTED
    table = load_sweep(finished.folder).table
    assert not table.duplicated(["point", "deployment"]).any()
    pd.testing.assert_frame_equal(table, load_sweep(serial.folder).table)


def test_a_cluster_that_goes_away_leaves_a_sweep_to_go_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "LOOK_S", 0.3)
    file = write_sweep(tmp_path, SWEEP)
    said: list[str] = []
    with dask_cluster(tmp_path, workers=1) as found:

        def kill_all(clock: str, done: int, total: int) -> None:
            if done == 5:
                found.workers[0].send_signal(signal.SIGKILL)

        with pytest.raises(ClusterLost, match="the dask cluster has no workers left"):
            run_sweep(SweepOptions(file, Path("out"), dask=found.address), said.append, kill_all)
        with pytest.raises(BadInput, match="found a scheduler without workers, allowed:"):
            check_cluster(found.address)
    done = len(kept(Path("out")))
    assert 5 <= done < POINTS_WANTED
    assert said[-1].startswith(
        f"{done} of {POINTS_WANTED} points are kept; to go on: testbed sweep"
    )
    finished, said = do(SweepOptions(file, Path("out"), resume=True, workers=1))
    assert f"{done} of {POINTS_WANTED} points were done before" in said
    assert len(kept(finished.folder)) == POINTS_WANTED


def test_a_worker_with_other_code_is_not_trusted(tmp_path: Path) -> None:
    file = write_sweep(tmp_path)
    with dask_cluster(tmp_path, workers=1) as found, pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "code_of", lambda clock: {"numpy": "1.0"})
        with pytest.raises(ClusterLost, match=r"cannot do the work: found numpy .*, allowed: 1\.0"):
            do(SweepOptions(file, Path("out"), dask=found.address))
    assert kept(Path("out")) == []


def _silent(port_taken: socket.socket) -> str:
    """The address of a program that takes calls and never answers."""
    port_taken.bind(("127.0.0.1", 0))
    port_taken.listen()
    return f"tcp://127.0.0.1:{port_taken.getsockname()[1]}"


def test_an_address_where_nobody_is_gives_one_line_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    file = write_sweep(tmp_path)
    with socket.socket() as silent:
        for address, reason in (
            ("tcp://127.0.0.1:9", "found no scheduler within"),
            (_silent(silent), "found no scheduler within"),
            ("nowhere", "missing port number"),
            ("carrier-pigeon://127.0.0.1:9", "unknown address scheme"),
            ("", "missing port number"),
        ):
            with pytest.raises(
                BadInput, match=f"--dask {address}: {reason}.*, allowed: "
            ) as caught:
                do(SweepOptions(file, Path("out"), dask=address))
            assert "\n" not in str(caught.value)
    assert not Path("out").exists()


def test_a_sweep_on_the_wall_clock_has_nothing_for_a_cluster(tmp_path: Path) -> None:
    file = write_sweep(tmp_path, "clock: wall\naxes: [{seed: [1]}]")
    with pytest.raises(BadInput, match=r"--dask: found a sweep on the wall clock, .*one after the"):
        do(SweepOptions(file, Path("out"), dask="tcp://127.0.0.1:9"))


def test_without_the_package_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"not installed, allowed: after pip install 'split-testbed"):
        check_cluster("tcp://127.0.0.1:9")
