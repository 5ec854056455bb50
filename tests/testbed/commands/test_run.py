"""`testbed run` from the outside: what it leaves, what it prints, how it ends."""

import json
import signal
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.testbed.command_line import (
    SCENARIOS,
    TIMEOUT_S,
    Ended,
    finish,
    run_testbed,
    started,
    write_tiny,
)
from tests.testbed.run_files import RUN_FILES

pytestmark = pytest.mark.realtime

REQUESTS = 10_000
MANY = ("--set", f"workload.requests={REQUESTS}")
SHORT = ("--backend", "simpy", "--set", "workload.requests=4", "--set", "workload.warmup=1")


def run_folders(folder: Path) -> list[Path]:
    root = folder / "results"
    return sorted(root.iterdir()) if root.exists() else []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    folder = tmp_path_factory.mktemp("run")
    file = write_tiny(folder)
    return folder, run_testbed(folder, "run", str(file), "--backend", "simpy", "--seed", "3")


def test_it_ends_well_and_leaves_nothing_running(finished: tuple[Path, Ended]) -> None:
    _, ended = finished
    assert ended.code == 0, ended.err
    assert ended.leftovers == []


def test_the_last_line_is_the_folder_and_it_is_complete(finished: tuple[Path, Ended]) -> None:
    folder, ended = finished
    named = folder / ended.out.splitlines()[-1]
    assert run_folders(folder) == [named]
    assert {path.name for path in named.iterdir()} == RUN_FILES
    suffixes = {path.suffix for path in (named / "figures").iterdir()}
    assert suffixes == {".png", ".svg"}


def test_summary_counts_every_request_and_its_stages_add_up(finished: tuple[Path, Ended]) -> None:
    folder, _ = finished
    summary = json.loads((run_folders(folder)[0] / "summary.json").read_text())
    assert summary["backend"] == "simpy"
    assert summary["link"]["within_tolerance"] is True
    assert summary["floor_ms"]["p50"] > 0
    assert [d["name"] for d in summary["deployments"]] == ["local", "remote-jpeg-q90", "split-fp16"]
    for deployment in summary["deployments"]:
        assert deployment["requests"] == 16
        assert deployment["answered"] + deployment["late"] + deployment["lost"] == 16
        total_ms = sum(deployment["stages_ms"].values())
        assert total_ms == pytest.approx(deployment["latency_ms"]["mean"])
    split = summary["deployments"][2]
    assert split["payload_bytes"]["up"] == 2500
    assert split["wire_bytes"]["up"] > 2500 + 2 * 40  # two packets' headers at the least
    assert split["latency_ms"]["p50"] > 4  # two crossings of 2 ms


def test_every_request_is_a_row_in_the_same_order_for_every_deployment(
    finished: tuple[Path, Ended],
) -> None:
    folder, _ = finished
    table = pq.read_table(run_folders(folder)[0] / "requests.parquet").to_pandas()
    assert len(table) == 3 * 2 * 8
    samples = table.groupby(["repeat", "deployment"])["sample"].apply(list).unstack()
    for _, row in samples.iterrows():
        assert row["local"] == row["remote-jpeg-q90"] == row["split-fp16"]
    assert table["label_scale"].notna().all()


def test_effective_scenario_has_the_seed_and_the_given_one_does_not(
    finished: tuple[Path, Ended],
) -> None:
    folder, _ = finished
    run = run_folders(folder)[0]
    assert "seed: 3" in (run / "scenario.effective.yaml").read_text()
    assert (run / "scenario.yaml").read_text() == (folder / "tiny.yaml").read_text()


def test_link_and_environment_are_written_down(finished: tuple[Path, Ended]) -> None:
    folder, _ = finished
    run = run_folders(folder)[0]
    link = json.loads((run / "link.json").read_text())
    assert link["weights"]["source"] == "none"
    assert link["configured"]["uplink_rate_bps"] == 50e6
    assert link["achieved"]["uplink_rate_bps"] == pytest.approx(50e6, rel=0.2)
    assert {check["max_abs_difference"] for check in link["cut_checks"]} == {0.0}
    environment = json.loads((run / "environment.json").read_text())
    assert environment["packages"]["pyzmq"]


def test_plot_draws_the_figures_again(finished: tuple[Path, Ended]) -> None:
    folder, _ = finished
    figures = run_folders(folder)[0] / "figures"
    before = {path.name for path in figures.iterdir()}
    for path in figures.iterdir():
        path.unlink()
    ended = run_testbed(folder, "plot", str(figures.parent))
    assert ended.code == 0, ended.err
    assert {path.name for path in figures.iterdir()} == before


def test_a_real_network_on_the_users_own_pictures_and_the_summary_alone(tmp_path: Path) -> None:
    pictures, out = tmp_path / "pictures", tmp_path / "mine"
    pictures.mkdir()
    for number in range(3):
        noise = np.random.default_rng(number).integers(0, 255, (90, 120, 3), np.uint8)
        Image.fromarray(noise).save(pictures / f"{number}.jpg")
    ended = run_testbed(
        tmp_path,
        *("run", str(SCENARIOS / "wifi.yaml"), *SHORT, "--json", "--out", str(out)),
        *("--set", f"workload.images={pictures}", "--set", "repeats=1"),
        *("--set", "link.tolerance=off", "--set", "edge.slowdown=1"),
    )
    assert ended.code == 0, ended.err
    assert json.loads(ended.out) == json.loads((out / "summary.json").read_text())
    deployments = json.loads(ended.out)["deployments"]
    assert {deployment["requests"] for deployment in deployments} == {4}
    assert {len(deployment["accuracy"]) for deployment in deployments} == {0}


@pytest.mark.parametrize("after_s", [0.3, 1.2, 2.5])
def test_ctrl_c_before_the_first_request_leaves_nothing(tmp_path: Path, after_s: float) -> None:
    file = write_tiny(tmp_path)
    with started(tmp_path, "run", str(file), "--backend", "simpy", *MANY) as (command, process):
        sleep(after_s)
        process.send_signal(signal.SIGINT)
        ended = finish(command, process)
    # Before the command line has loaded, the signal itself ends the process.
    assert ended.code in (130, -signal.SIGINT)
    if ended.code == 130:
        assert ended.err.splitlines()[-1] == "testbed: interrupted"
    else:
        assert after_s < 2
    assert ended.leftovers == []
    assert run_folders(tmp_path) == []


def in_mid_run(folder: Path) -> Path:
    """The folder of the run, once some of its requests are there."""
    end_s = monotonic() + TIMEOUT_S
    while monotonic() < end_s:
        for lines in folder.glob("results/*/requests.jsonl"):
            if lines.read_bytes().count(b"\n") > 20:
                return lines.parent
        sleep(0.05)
    raise AssertionError("no request within the time")


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGKILL]
)
def test_a_run_that_is_ended_from_outside_keeps_what_it_measured(
    tmp_path: Path, number: signal.Signals
) -> None:
    file = write_tiny(tmp_path)
    with started(tmp_path, "run", str(file), "--backend", "simpy", *MANY) as (command, process):
        run = in_mid_run(tmp_path)
        process.send_signal(number)
        sleep(0.05)  # it clears up for longer, and nothing disturbs that
        process.send_signal(number)
        ended = finish(command, process)
    assert ended.leftovers == []
    if number == signal.SIGKILL:
        assert ended.code == -number
    else:
        assert ended.code == 130
        assert f"testbed plot results/{run.name}" in ended.err.replace("\n", "")
        assert ended.err.splitlines()[-1] == "testbed: interrupted"
    lines = (run / "requests.jsonl").read_bytes().count(b"\n")
    assert lines > 20
    plotted = run_testbed(tmp_path, "plot", str(run))
    assert plotted.code == 0, plotted.err
    assert "requests have no record (local" in plotted.err
    assert {path.name for path in run.iterdir()} == RUN_FILES
    assert len(pq.read_table(run / "requests.parquet")) == lines
    summary = json.loads((run / "summary.json").read_text())
    assert sum(deployment["requests"] for deployment in summary["deployments"]) == lines
    assert sum(summary["missing"].values()) == 3 * 2 * REQUESTS - lines
    assert summary["link"]["achieved"]["uplink_rate_bps"] > 0


def test_two_runs_at_once_do_not_meet(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    arguments = ("run", str(file), *SHORT, "--set", "link.tolerance=off")
    with started(tmp_path, *arguments) as one, started(tmp_path, *arguments) as other:
        ends = [finish(*one), finish(*other)]
    assert [ended.code for ended in ends] == [0, 0], ends
    assert len(run_folders(tmp_path)) == 2
    assert len({ended.out.splitlines()[-1] for ended in ends}) == 2


@pytest.mark.alone  # beside other work the probe cannot tell this rate from stalls of the host
def test_a_link_that_cannot_be_what_it_should_ends_with_3(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    ended = run_testbed(
        tmp_path,
        *("run", str(file), *SHORT),
        *("--set", "link.uplink.rate=200gbit", "--set", "link.tolerance.rate=5%"),
    )
    assert ended.code == 3
    last = ended.err.splitlines()[-1]
    assert last.startswith("testbed: simpy link: ")
    assert "rate" in last
    assert "--set link.tolerance=off" in last
    assert ended.leftovers == []
    assert run_folders(tmp_path) == []
