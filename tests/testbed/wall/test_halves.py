"""The halves as real processes: they start, talk, fail and end, and leave nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from emulation.link import Endpoint
from emulation.loopback import LoopbackLink
from testbed.config.scenario_file import dump_scenario
from testbed.errors import BadInput, PeerLost
from testbed.halves.events import Event
from testbed.results.record import Outcome, record_from_json
from testbed.results.table import table_of
from testbed.wall.floor import floor_scenario, measure_floor
from testbed.wall.halves import Half, HalfPair

SILENCE_S = 20.0
EDGE = Endpoint("edge", "127.0.0.1")


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    return write_scenario(tmp_path, requests=20)


@pytest.fixture
def pair(scenario_file: Path) -> Iterator[HalfPair]:
    with HalfPair(LoopbackLink(), scenario_file) as halves:
        yield halves


def write_scenario(folder: Path, requests: int, **model: object) -> Path:
    scenario = floor_scenario(4000, requests)
    changed = scenario.model.model_copy(update=model)
    file = folder / "scenario.yaml"
    file.write_text(dump_scenario(scenario.model_copy(update={"model": changed})))
    return file


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def gone(pid: int, within_s: float = 5.0) -> bool:
    """Whether the process ends in time (a zombie of somebody else's counts as ended)."""
    end_s = monotonic() + within_s
    while monotonic() < end_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        sleep(0.02)
    return False


def test_a_run_ends_with_every_request_and_the_servers_count(pair: HalfPair) -> None:
    events: list[Event] = []
    counts = pair.run(events.append, SILENCE_S)
    names = [event["event"] for event in events]
    assert names == ["checked", *["request"] * 20, "done"]
    records = [record_from_json(e["record"]) for e in events if e["event"] == "request"]
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert min(table_of(records)["stage_uplink_s"]) > 0  # one clock: known
    checks, warmup = 1, 50  # the blank data set has one image
    assert counts == {"answered": 20 + warmup + checks}


def test_both_are_gone_after_close(pair: HalfPair) -> None:
    pids = [pair.server.pid, pair.edge.pid]
    descriptors = open_descriptors()
    pair.close()
    assert all(gone(pid) for pid in pids)
    assert open_descriptors() < descriptors


def test_server_killed_in_mid_run_loses_the_rest_and_the_run_ends(tmp_path: Path) -> None:
    file = write_scenario(tmp_path, requests=20_000)
    outcomes: list[str] = []
    with HalfPair(LoopbackLink(), file) as halves:

        def kill_after_ten(event: Event) -> None:
            if event["event"] == "request":
                outcomes.append(event["record"]["outcome"])
                if len(outcomes) == 10:
                    os.kill(halves.server.pid, signal.SIGKILL)

        counts = halves.run(kill_after_ten, SILENCE_S)
    assert len(outcomes) == 20_000
    assert outcomes[0] == Outcome.ANSWERED
    assert outcomes[-1] == Outcome.LOST
    assert "exit code -9" in counts["died"]


def test_edge_killed_in_mid_run_is_an_error_that_says_so(tmp_path: Path) -> None:
    file = write_scenario(tmp_path, requests=20_000)
    with HalfPair(LoopbackLink(), file) as halves:
        with pytest.raises(PeerLost, match="edge half ended in mid-run: exit code -9"):
            halves.run(lambda event: os.kill(halves.edge.pid, signal.SIGKILL), SILENCE_S)
        server = halves.server.pid
    assert gone(server)


@pytest.mark.parametrize("weights", ["nowhere.safetensors"])
def test_weights_a_half_cannot_use_are_bad_input_here(tmp_path: Path, weights: str) -> None:
    file = write_scenario(tmp_path, 10, backbone="mobilenet_v3_small", weights=weights)
    with pytest.raises(BadInput, match=r"nowhere\.safetensors"):
        HalfPair(LoopbackLink(), file)


def test_halves_do_not_outlive_a_parent_that_was_killed(scenario_file: Path) -> None:
    script = (
        "import sys, time\n"
        "from emulation.loopback import LoopbackLink\n"
        "from testbed.wall.halves import HalfPair\n"
        f"pair = HalfPair(LoopbackLink(), __import__('pathlib').Path({str(scenario_file)!r}))\n"
        "print(pair.server.pid, pair.edge.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_half_that_cannot_start_says_what_it_said(tmp_path: Path) -> None:
    half = Half(EDGE, ["no-such-verb"], tmp_path)
    try:
        with pytest.raises(PeerLost, match=r"exit code 2, .*No such command"):
            half.expect("ready")
    finally:
        half.close()


def test_half_that_stays_silent_is_given_up(tmp_path: Path) -> None:
    half = Half(Endpoint("edge", "127.0.0.1", ("sleep", "30", ";")), [], tmp_path)
    try:
        with pytest.raises(PeerLost, match=r"silent|ended"):
            half.expect("ready", timeout_s=0.3)
    finally:
        half.close()
    assert gone(half.pid)


def test_floor_is_measured_without_torch_and_in_a_moment() -> None:
    floor = measure_floor(requests=50)
    assert 0 < floor.p50_s <= floor.p99_s < 0.5
    assert floor.requests == 50
