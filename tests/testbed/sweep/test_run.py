"""A sweep from file to table: what it leaves, what it does again and what it does not."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from emulation.errors import LinkUnavailable
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.errors import BadInput
from testbed.sweep import work
from testbed.sweep.folder import POINTS, PROFILES, TABLE, load_sweep
from testbed.sweep.run import SweepOptions, run_sweep
from testbed.virtual import run_virtual
from testbed.virtual.fingerprint import fingerprint_of
from testbed.virtual.profile import load_profile, save_profile
from tests.testbed.sweep.small import AXES, do, write_sweep
from tests.testbed.sweep.sweeps import write_base
from tests.testbed.virtual import made_up


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def options(tmp_path: Path, **changes: Any) -> SweepOptions:
    return SweepOptions(
        **{"file": tmp_path / "sweep.yaml", "out": Path("out"), "workers": 1, **changes}
    )


def point_files(folder: Path) -> dict[str, int]:
    """Each point kept, and when."""
    return {file.stem: file.stat().st_mtime_ns for file in (folder / POINTS).glob("*.json")}


def test_the_table_has_what_each_point_alone_would_give(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    finished, _ = do(options(tmp_path))
    assert (finished.points, finished.failed) == (6, ())
    sweep = load_sweep(finished.folder)
    assert sweep.axes == (("link.uplink.rate",),)
    assert len(sweep.table) == 6 * 2
    row = sweep.table[sweep.table["deployment"] == "split-fp16"].iloc[3]
    kept = json.loads((finished.folder / POINTS / f"{row['point']}.json").read_text())
    scenario = Scenario.model_validate(kept["scenario"])
    _, alone = run_virtual(scenario, made_up.profile())
    assert row["mean_ms"] == alone["deployments"][1]["latency_ms"]["mean"]
    assert row["link.uplink.rate"] == scenario.link.uplink.rate


def test_every_point_says_where_it_comes_from(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    finished, _ = do(options(tmp_path))
    for file in (finished.folder / POINTS).iterdir():
        kept = json.loads(file.read_text())
        assert kept["point"] == file.stem
        assert kept["environment"]["packages"]["numpy"]
        assert set(kept["depends_on"]) == {"profile"}
        assert {"code", "numpy", "simpy"} <= kept["made_by"].keys()
        profile = finished.folder / PROFILES / f"{kept['depends_on']['profile']}.json"
        assert load_profile(profile) == made_up.profile()
        assert kept["scenario"]["link"]["uplink"]["rate"]
        assert kept["failed"] is None
        assert kept["seconds"] > 0
        assert str(tmp_path) not in file.read_text()


def test_processes_give_the_same_table_as_one(tmp_path: Path) -> None:
    lossy = "set: {link.uplink.loss: 2%}\n" + AXES
    write_sweep(tmp_path, lossy)
    serial, _ = do(options(tmp_path))
    parallel, said = do(options(tmp_path, out=Path("parallel"), workers=2))
    assert "6 points in virtual time, processes: 2" in said
    pd.testing.assert_frame_equal(
        load_sweep(serial.folder).table, load_sweep(parallel.folder).table
    )
    pids = {json.loads(f.read_text())["process"] for f in (parallel.folder / POINTS).iterdir()}
    assert len(pids) <= 2
    assert json.loads(next((serial.folder / POINTS).iterdir()).read_text())["process"] not in pids


def interrupted(tmp_path: Path, after: int) -> list[str]:
    """Ctrl-C when so many points are done."""
    said: list[str] = []

    def press(clock: str, done: int, total: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(options(tmp_path), said.append, press)
    return said


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    file = write_sweep(tmp_path)
    said = interrupted(tmp_path, after=2)
    again = f"testbed sweep {file} --workers 1 --out out --resume"
    assert said[-1] == f"2 of 6 points are kept; to go on: {again}"
    before = point_files(Path("out"))
    assert len(before) == 2
    assert not (Path("out") / TABLE).exists()
    finished, said = do(options(tmp_path, resume=True))
    assert "2 of 6 points were done before" in said
    after = point_files(Path("out"))
    assert before.items() <= after.items()
    assert len(after) == 6
    whole, _ = do(options(tmp_path, out=Path("whole")))
    pd.testing.assert_frame_equal(load_sweep(finished.folder).table, load_sweep(whole.folder).table)


def test_a_half_written_folder_is_not_begun_anew(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    interrupted(tmp_path, after=2)
    with pytest.raises(
        BadInput, match="out: found a sweep with 2 of 6 points done, allowed: --res"
    ):
        do(options(tmp_path))
    with pytest.raises(BadInput, match="2 of 6 points done"):
        load_sweep(Path("out"))


def test_a_point_that_changed_runs_again_and_the_others_do_not(tmp_path: Path) -> None:
    write_sweep(tmp_path, "axes: [{link.uplink.rate: [1mbit, 2mbit, 3mbit]}]")
    do(options(tmp_path))
    before = point_files(Path("out"))
    write_sweep(tmp_path, "axes: [{link.uplink.rate: [1mbit, 2.5mbit, 3mbit, 4mbit]}]")
    finished, said = do(options(tmp_path, resume=True))
    assert "2 of 4 points were done before" in said
    assert before.items() <= point_files(Path("out")).items()
    rates = load_sweep(finished.folder).table["link.uplink.rate"].unique()
    assert list(rates) == [1e6, 2.5e6, 3e6, 4e6]


def test_another_profile_makes_every_point_another(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    do(options(tmp_path))
    (profile,) = Path("results/profiles").iterdir()
    save_profile(made_up.profile({"head_s": 0.05}), profile)
    finished, said = do(options(tmp_path, resume=True))
    assert not any("were done before" in line for line in said)
    local = load_sweep(finished.folder).table.query("deployment == 'local'")
    assert local["mean_ms"].to_numpy() == pytest.approx(50, abs=0.01)


def test_a_damaged_point_runs_again(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    finished, _ = do(options(tmp_path))
    table = load_sweep(finished.folder).table
    file = next((finished.folder / POINTS).iterdir())
    file.write_text(file.read_text()[:100])
    finished, said = do(options(tmp_path, resume=True))
    assert "5 of 6 points were done before" in said
    pd.testing.assert_frame_equal(load_sweep(finished.folder).table, table)


def test_a_failed_point_is_recorded_and_tried_again(tmp_path: Path) -> None:
    text = "axes: [{link.uplink.rate: [1mbit, 2mbit, 3mbit]}]"
    write_sweep(tmp_path, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "run_virtual", _fails_at_2_mbit)
        finished, _ = do(options(tmp_path))
    assert finished.failed == ("link.uplink.rate=2000000.0: RuntimeError: too slow by far",)
    table = load_sweep(finished.folder).table
    failed = table[table["failed"].notna()]
    assert list(failed["link.uplink.rate"]) == [2e6, 2e6]
    assert set(failed["failed"]) == {"RuntimeError: too slow by far"}
    assert table["mean_ms"].notna().sum() == 4
    before = point_files(Path("out"))
    finished, said = do(options(tmp_path, resume=True))
    assert "2 of 3 points were done before" in said
    assert finished.failed == ()
    assert sum(before[name] != time for name, time in point_files(Path("out")).items()) == 1
    assert load_sweep(finished.folder).table["failed"].isna().all()


def _fails_at_2_mbit(scenario: Any, profile: Any) -> Any:
    if scenario.link.uplink.rate == 2e6:
        raise RuntimeError("too slow\nby far")
    return run_virtual(scenario, profile)


def test_resume_needs_the_folder_of_the_same_sweep(tmp_path: Path) -> None:
    file = write_sweep(tmp_path)
    with pytest.raises(BadInput, match="--resume: found no --out, allowed: with --out"):
        do(options(tmp_path, out=None, resume=True))
    with pytest.raises(
        BadInput, match=r"out: found no sweep\.json, allowed: the folder of a sweep"
    ):
        do(options(tmp_path, resume=True))
    do(options(tmp_path))
    file.write_text(file.read_text().replace("name: s", "name: other"))
    with pytest.raises(BadInput, match="out: found the sweep s, allowed: other"):
        do(options(tmp_path, resume=True))


def test_without_out_each_sweep_has_a_new_folder(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    folders = {do(options(tmp_path, out=None))[0].folder for _ in range(2)}
    assert len(folders) == 2
    assert {folder.parent for folder in folders} == {Path("results")}
    assert all(folder.name.split("Z-")[1].startswith("s") for folder in folders)


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    Path("out").mkdir()
    (Path("out") / "mine").write_text("")
    with pytest.raises(BadInput, match="found a folder that is not empty"):
        do(options(tmp_path))
    assert [path.name for path in Path("out").iterdir()] == ["mine"]


def test_a_mistake_in_the_last_point_is_found_before_the_first_runs(tmp_path: Path) -> None:
    write_sweep(tmp_path, "axes: [{link.uplink.rate: [1mbit, 0mbit]}]")
    with pytest.raises(BadInput, match="found"):
        do(options(tmp_path))
    assert not Path("out").exists()


def test_wall_clock_points_need_their_backend_before_anything_runs(tmp_path: Path) -> None:
    write_sweep(tmp_path, "clock: both\nbackend: netem\n" + AXES)
    with pytest.MonkeyPatch.context() as patch:
        from emulation.netem.link import backend

        patch.setattr(type(backend), "missing", lambda self: "no sch_netem here")
        with pytest.raises(LinkUnavailable, match="netem: no sch_netem here"):
            do(options(tmp_path))
    assert not Path("out").exists()


@pytest.mark.realtime
def test_wall_clock_points_run_one_by_one_and_leave_their_runs(tmp_path: Path) -> None:
    write_sweep(
        tmp_path,
        "clock: both\nbackend: simpy\nset: {link.tolerance: off}\n"
        "axes: [{link.uplink.delay: [10ms]}]",
    )
    finished, said = do(options(tmp_path))
    assert finished.failed == ()
    assert any(line.startswith("1 points on the wall clock, one after the other") for line in said)
    table = load_sweep(finished.folder).table
    assert list(table["clock"]) == ["virtual", "virtual", "wall", "wall"]
    wall = table[(table["clock"] == "wall") & (table["deployment"] == "split-fp16")]
    assert 15 < wall["mean_ms"].iloc[0] < 50  # 10 ms there, 5 back, on a machine that may be busy
    for name in wall["point"]:
        assert (finished.folder / "runs" / name / "requests.parquet").is_file()


def test_named_devices_need_no_profile(tmp_path: Path) -> None:
    write_base(tmp_path)
    tree = {
        "model": "{backbone: mobilenet_v3_small, weights: random, input_px: 32, tasks: [shape]}",
        "server.device": "server-core",
        "workload.camera_px": 48,
    }
    changes = "".join(f"  {key}: {value}\n" for key, value in tree.items())
    axes = "axes: [{edge.device: [raspberry-pi-4, galaxy-s24-npu]}]\n"
    (tmp_path / "sweep.yaml").write_text(f"name: s\nbase: small.yaml\nset:\n{changes}{axes}")
    finished, _ = do(options(tmp_path))
    assert finished.failed == ()
    assert not Path("results").exists()
    table = load_sweep(finished.folder).table
    local = table[table["deployment"] == "local"].set_index("edge.device")["mean_ms"]
    assert local["raspberry-pi-4"] > 5 * local["galaxy-s24-npu"]
    again, said = do(options(tmp_path, resume=True))
    assert again.points == 2
    assert not [line for line in said if "in virtual time" in line]


def test_going_on_keeps_to_the_profile_of_the_sweep_however_old(tmp_path: Path) -> None:
    write_sweep(tmp_path)
    (kept,) = Path("results/profiles").iterdir()
    fitting = made_up.profile().model_copy(
        update={"fingerprint": fingerprint_of(load_scenario(tmp_path / "small.yaml"))}
    )
    save_profile(fitting, kept)
    finished, _ = do(options(tmp_path))
    before = point_files(finished.folder)
    save_profile(made_up.profile({"head_s": 0.05}), kept)
    do(options(tmp_path, resume=True))
    assert point_files(finished.folder) == before
