"""The main path when a half, the link or the disk fails under it: what was measured is kept."""

import json
import os
import signal
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path
from typing import IO, Any

import pytest

from emulation.errors import LinkFault
from emulation.tun import link as tun_link
from testbed.commands.plot import plot
from testbed.config.scenario_file import parse_scenario
from testbed.errors import PeerLost, RunDamaged
from testbed.results.record import RequestRecord
from testbed.runs import recording
from testbed.runs.folder import load
from testbed.wall.run import RunOptions, run
from tests.testbed.command_line import TINY
from tests.testbed.run_files import RUN_FILES

pytestmark = pytest.mark.realtime
WHY_NOT = tun_link.backend.missing()
needs_tun = pytest.mark.skipif(WHY_NOT is not None, reason=f"no tun link: {WHY_NOT}")

REQUESTS = 30


def kill_children_running(words: str) -> None:
    """SIGKILL the children of this process whose command line has `words`."""
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and words in command:
            os.kill(int(entry.name), signal.SIGKILL)


def options(out: Path, backend: str = "simpy") -> RunOptions:
    changes = [f"workload.requests={REQUESTS}", "repeats=1", "link.tolerance=off"]
    quick = ["deployments=[split]", "workload.timeout=200ms"]
    scenario = parse_scenario(TINY, "tiny", out.parent, [*changes, *quick])
    return RunOptions(scenario, TINY, backend, out)


def do(
    out: Path, after: int, happens: Callable[[], object], backend: str = "simpy"
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A run to which something happens: how it ended, its split deployment and its link.json."""
    seen: list[RequestRecord] = []

    def count(record: RequestRecord) -> None:
        seen.append(record)
        if len(seen) == after:
            happens()

    with pytest.raises(RunDamaged) as ended:
        run(options(out, backend), lambda line: None, count)
    assert ended.value.exit_code == 1
    assert "\n" not in str(ended.value)
    assert {path.name for path in out.iterdir()} == RUN_FILES
    plot([out], None, None)
    (split,) = load(out).summary["deployments"]
    return str(ended.value), split, json.loads((out / "link.json").read_text())


@pytest.mark.parametrize(
    ("backend", "victim", "fault"),
    [
        ("simpy", "testbed serve", "the server half ended in mid-run: exit code -9"),
        ("simpy", "userspace.process", "simpy link: its process has ended: exit code -9"),
        pytest.param(
            *("tun", "tun.ferry", "tun link: its process has ended: exit code -9"),
            marks=(pytest.mark.root, needs_tun),
        ),
    ],
)
def test_what_dies_in_mid_run_costs_the_rest_of_the_requests_not_the_run(
    tmp_path: Path, backend: str, victim: str, fault: str
) -> None:
    said, split, link = do(tmp_path / "out", 5, lambda: kill_children_running(victim), backend)
    assert said == f"{fault}; what was measured is in {tmp_path / 'out'}"
    assert split["answered"] + split["late"] + split["lost"] == split["requests"] == REQUESTS
    assert split["answered"] >= 5
    assert split["lost"] >= REQUESTS - 10
    assert split["latency_ms"]["p95"] is None
    assert link["faults"] == [fault]


@pytest.mark.root
@needs_tun
def test_a_keeper_that_dies_costs_no_request_and_is_told(tmp_path: Path) -> None:
    _, split, link = do(tmp_path / "out", 5, lambda: kill_children_running("host.keeper"), "tun")
    assert split["answered"] == REQUESTS
    assert link["faults"] == ["keeper of network namespaces: its process has ended: exit code -9"]


@pytest.mark.parametrize(
    ("backend", "step", "victim", "fault"),
    [
        ("simpy", "measuring", "testbed serve", "the server half ended in mid-run: exit code -9"),
        ("simpy", "running", "testbed serve", "the server half ended in mid-run: exit code -9"),
        ("simpy", "running", "testbed edge", "the edge half ended in mid-run: exit code -9"),
        ("simpy", "loading", "userspace.process", "simpy link: its process has ended: exit code"),
        pytest.param(
            *("tun", "loading", "tun.ferry", "tun link: its process has ended: exit code -9"),
            marks=(pytest.mark.root, needs_tun),
        ),
        pytest.param(
            *("tun", "running", "tun.ferry", "tun link: its process has ended: exit code -9"),
            marks=(pytest.mark.root, needs_tun),
        ),
    ],
)
def test_what_dies_before_the_first_request_is_named_and_not_who_missed_it(
    tmp_path: Path, backend: str, step: str, victim: str, fault: str
) -> None:
    def say(line: str) -> None:
        if line.startswith(step):
            kill_children_running(victim)

    with pytest.raises((PeerLost, LinkFault)) as ended:
        run(options(tmp_path / "out", backend), say, lambda record: None)
    assert str(ended.value).startswith(fault)
    assert not (tmp_path / "out").exists()


def test_requests_that_a_killed_edge_never_told_of_are_missing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    said, split, link = do(out, 5, lambda: kill_children_running("testbed edge"))
    assert said.startswith("the edge half ended in mid-run: exit code -9")
    missing = load(out).summary["missing"]
    assert missing == {"split-fp16": REQUESTS - split["requests"]}
    assert f"{missing['split-fp16']} requests have no record (split-fp16 " in said
    assert 5 <= split["requests"] == split["answered"] + split["late"] < REQUESTS
    assert "the edge half ended in mid-run" in link["faults"][0]
    assert link["achieved"]["uplink_rate_bps"] > 0
    assert len(link["cut_checks"]) == 1


def test_a_disk_that_takes_no_more_requests_costs_the_rest_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: IO[bytes], line: bytes) -> None:
        file.write(line[: len(line) // 2])
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    said, split, _ = do(
        tmp_path / "out", 5, lambda: monkeypatch.setattr(recording, "append_line", full)
    )
    assert "requests.jsonl: No space left on device" in said
    assert split["requests"] == 5
    assert f"{REQUESTS - 5} requests have no record" in said
