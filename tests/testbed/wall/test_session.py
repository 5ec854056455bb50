"""Both halves as real processes: they start, talk, fail and end, and leave nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from emulation.link import Endpoint, LoopbackLink
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.config.weights import Weights
from testbed.errors import BadInput, PeerLost
from testbed.halves.events import Done, Drawn, Quiet, Ready
from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import table_of
from testbed.wall.floor import floor_scenario, measure_floor
from testbed.wall.half import Half
from testbed.wall.session import Findings, Session

EDGE = Endpoint("edge", "127.0.0.1")


@pytest.fixture
def records() -> list[RequestRecord]:
    return []


@pytest.fixture
def findings(records: list[RequestRecord]) -> Findings:
    return Findings(records.append)


@pytest.fixture
def session(findings: Findings) -> Iterator[Session]:
    with Session(LoopbackLink(), scenario(requests=20), findings) as both:
        yield both


def scenario(requests: int, **model: object) -> Scenario:
    usual = floor_scenario(4000, requests)
    changed = usual.model.model_copy(update=model)
    return usual.model_copy(update={"model": changed})


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


def test_a_run_ends_with_every_request_and_the_servers_count(
    session: Session, findings: Findings, records: list[RequestRecord]
) -> None:
    session.run()
    assert len(records) == 20
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert min(table_of(records)["stage_uplink_s"]) > 0  # one clock: known
    (check,) = findings.cut_checks
    assert check.images == 1  # the blank data set has one image
    warmup = 50
    assert findings.counted_by_server == {"answered": 20 + warmup + check.images}
    assert findings.faults == []


def test_both_are_gone_after_close(session: Session) -> None:
    pids = [session.server.process.pid, session.edge.process.pid]
    descriptors = open_descriptors()
    session.close()
    assert all(gone(pid) for pid in pids)
    assert open_descriptors() < descriptors


def test_server_killed_in_mid_run_loses_the_rest_and_the_run_ends() -> None:
    outcomes: list[Outcome] = []

    def kill_after_ten(record: RequestRecord) -> None:
        outcomes.append(record.outcome)
        if len(outcomes) == 10:
            os.kill(both.server.process.pid, signal.SIGKILL)

    findings = Findings(kill_after_ten)
    with Session(LoopbackLink(), scenario(requests=20_000), findings) as both:
        both.run()
    assert len(outcomes) == 20_000
    assert outcomes[0] == Outcome.ANSWERED
    assert outcomes[-1] == Outcome.LOST
    (fault,) = findings.faults
    assert "the server half ended in mid-run: exit code -9" in fault


def test_edge_killed_in_mid_run_is_an_error_that_says_so() -> None:
    findings = Findings(lambda record: os.kill(both.edge.process.pid, signal.SIGKILL))
    with Session(LoopbackLink(), scenario(requests=20_000), findings) as both:
        with pytest.raises(PeerLost, match="edge half ended in mid-run: exit code -9"):
            both.run()
        server = both.server.process.pid
    assert gone(server)


def test_weights_a_half_cannot_use_are_bad_input_here(findings: Findings) -> None:
    other = scenario(10, backbone="mobilenet_v3_small", weights="nowhere.safetensors")
    with pytest.raises(BadInput, match=r"nowhere\.safetensors"):
        Session(LoopbackLink(), other, findings)


def test_halves_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(dump_scenario(scenario(requests=20)))
    script = (
        "import pathlib, sys, time\n"
        "from emulation.link import LoopbackLink\n"
        "from testbed.config.scenario_file import load_scenario\n"
        "from testbed.wall.session import Findings, Session\n"
        "scenario = load_scenario(pathlib.Path(sys.argv[1]))\n"
        "both = Session(LoopbackLink(), scenario, Findings(print))\n"
        "print(both.server.process.pid, both.edge.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "scenario.yaml")]
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    parent = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_half_that_cannot_start_says_what_it_said(tmp_path: Path) -> None:
    half = Half(EDGE, ["no-such-verb"], tmp_path)
    try:
        with pytest.raises(PeerLost, match=r"exit code 2, .*No such command"):
            half.expect(Ready)
    finally:
        half.close()


def test_half_that_stays_silent_is_given_up(tmp_path: Path) -> None:
    half = Half(Endpoint("edge", "127.0.0.1", ("sleep", "30", ";")), [], tmp_path)
    try:
        with pytest.raises(PeerLost, match=r"silent|ended"):
            half.expect(Ready, timeout_s=0.3)
    finally:
        half.close()
    assert gone(half.process.pid)


@pytest.mark.parametrize(("for_s", "heard"), [(20.0, True), (0.0, False)])
def test_a_half_may_be_silent_for_as_long_as_it_said(
    tmp_path: Path, for_s: float, heard: bool
) -> None:
    events = (json.dumps({"event": "quiet", "for_s": for_s}), '{"event": "done", "strays": {}}')
    script = f"echo '{events[0]}'; sleep 1; echo '{events[1]}'; exit 0;"
    half = Half(Endpoint("edge", "127.0.0.1", ("sh", "-c", script)), [], tmp_path)
    try:
        told = half.events(timeout_s=0.3)
        assert next(told) == Quiet(for_s)
        if heard:
            assert next(told) == Done({})
        else:
            with pytest.raises(PeerLost, match=r"was silent for 0\.3 s"):
                next(told)
    finally:
        half.close()


def test_pictures_that_show_their_damage_late_are_kept_with_those_known_before() -> None:
    findings = Findings(lambda record: None)
    weights = Weights("random")
    findings.take(Ready("x", (), weights, False, {"name": "folder", "skipped": ["a.png: empty"]}))
    findings.take(Drawn(("a.png: empty", "b.png: broken data stream")))
    findings.take(Drawn(()))  # as other data sets tell
    assert findings.facts()["dataset"] == {
        "name": "folder",
        "skipped": ["a.png: empty", "b.png: broken data stream"],
    }


def test_floor_is_measured_without_torch_and_in_a_moment() -> None:
    floor = measure_floor(requests=50)
    assert 0 < floor.p50_s <= floor.p99_s < 0.5
    assert floor.requests == 50
