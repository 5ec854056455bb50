"""The main path when a half or the link dies under it: what was measured is saved all the same."""

import json
import os
import signal
from pathlib import Path

import pytest

from testbed.config.scenario_file import parse_scenario
from testbed.halves.events import Event
from testbed.wall.run import Job, RunDamaged, run
from tests.testbed.command_line import TINY

pytestmark = pytest.mark.realtime

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


@pytest.mark.parametrize(
    ("victim", "fault"),
    [("testbed serve", "the server half ended in mid-run"), ("simpy.process", "simpy link")],
)
def test_what_dies_in_mid_run_costs_the_rest_of_the_requests_not_the_run(
    tmp_path: Path, victim: str, fault: str
) -> None:
    changes = [f"workload.requests={REQUESTS}", "repeats=1", "link.tolerance=off"]
    scenario = parse_scenario(TINY, "tiny", tmp_path, [*changes, "deployments=[split]"])
    seen: list[Event] = []

    def kill_after_five(event: Event) -> None:
        seen.append(event)
        if sum(one["event"] == "request" for one in seen) == 5:
            kill_children_running(victim)

    job = Job(scenario, TINY, "simpy", out=tmp_path / "out")
    with pytest.raises(RunDamaged, match=fault):
        run(job, lambda line: None, kill_after_five)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    (split,) = summary["deployments"]
    assert split["answered"] + split["late"] + split["lost"] == split["requests"] == REQUESTS
    assert split["answered"] >= 5
    assert split["lost"] >= REQUESTS - 10
    assert split["latency_ms"]["p95"] is None
    link = json.loads((tmp_path / "out" / "link.json").read_text())
    assert fault in link["faults"][0]
