"""Hosts judged at the end of a run, and written down as it goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from testbed.channel.survey import Interference, Tally
from testbed.config.scenario import Scenario
from testbed.errors import HostOutOfTolerance
from testbed.halves.events import HostsProbed
from testbed.halves.overruns import BlockHosts, Tallies
from testbed.halves.probe import HostStage
from testbed.wall.compute_check import ComputeCheck
from tests.testbed import synthetic

FINE, SLOW = Tally(100, 0, 0.0, 1.0), Tally(100, 2, 0.04, 1.0)
HEAD = HostStage("edge", "split-fp16", "head", 15, 0.001, 0.002)


def checked(
    folder: Path,
    blocks: list[tuple[int, int, Tally]],
    after: tuple[HostStage, ...] = (),
    **tolerance: Any,
) -> tuple[ComputeCheck, dict[str, Any], list[str]]:
    """After a run with these blocks: repeat, attempt and what the edge counted."""
    tree = synthetic.scenario().model_dump(mode="json")
    tree["link"] |= tolerance
    said: list[str] = []
    recording = synthetic.recording(folder / "out", folder)
    with recording:
        check = ComputeCheck(Scenario.model_validate(tree), recording, said.append)
        check.take(HostsProbed((HEAD,)))
        for repeat, attempt, tally in blocks:
            meanwhile = {"edge": Interference(0.5, None, 3)}
            stages: Tallies = {"edge": {"head": tally}}
            check.take(BlockHosts("split-fp16", repeat, attempt, tally.due_s, stages, meanwhile))
        check.take(HostsProbed(after))
        written = json.loads((folder / "out" / "compute.json").read_text())
    return check, written, said


def test_a_run_within_tolerance_is_written_down(tmp_path: Path) -> None:
    check, written, said = checked(tmp_path, [(0, 0, FINE), (1, 0, SLOW), (1, 1, FINE)])
    check.require()
    assert not (tmp_path / "out").exists()  # there was no request
    assert written["within_tolerance"] is True
    assert written["tolerance"] == 0.01
    assert written["before"][0]["host_s"] == 0.001
    assert written["after"] == []
    assert [(block["repeat"], block["attempt"]) for block in written["blocks"]] == [
        (0, 0),
        (1, 0),
        (1, 1),
    ]
    block = written["blocks"][1]
    assert block["edge"]["stages"]["head"]["overruns"] == 2
    assert (block["edge"]["steal_s"], block["edge"]["queued_s"]) == (0.5, None)
    assert block["excess"][0] in said[0]
    assert said[0].startswith("split-fp16 in repeat 1 was disturbed and is run again: edge head")


def test_a_block_that_was_disturbed_three_times_puts_the_run_out_of_tolerance(
    tmp_path: Path,
) -> None:
    again = [(1, attempt, SLOW) for attempt in range(3)]
    check, written, said = checked(tmp_path, [(0, 0, FINE), *again, (2, 0, FINE)])
    with pytest.raises(HostOutOfTolerance) as refused:
        check.require()
    assert refused.value.exit_code == 3
    (violation,) = written["violations"]
    assert violation == (
        "split-fp16 in repeat 1, attempt 3: edge head: 2 of 100 took the host longer than the "
        "device, by 40 ms in all"
    )
    assert violation in str(refused.value)
    assert "out; leave the machine to the run" in str(refused.value)
    assert said[-1] == f"out of tolerance: {violation}"
    assert "\n" not in str(refused.value)
    assert written["within_tolerance"] is False
    assert len(said) == 2 + 1  # the third is not run again


def test_blocks_that_are_within_tolerance_one_by_one_are_judged_together(tmp_path: Path) -> None:
    one_of_few = Tally(20, 1, 0.002, 1.0)
    check, written, _ = checked(tmp_path, [(repeat, 0, one_of_few) for repeat in range(3)])
    assert written["blocks"][0]["excess"] == []
    with pytest.raises(HostOutOfTolerance, match="split-fp16: edge head: 3 of 60"):
        check.require()


def test_with_tolerance_off_it_is_said_and_goes_on(tmp_path: Path) -> None:
    after = (HostStage("edge", "split-fp16", "head", 15, 0.003, 0.002),)
    check, written, said = checked(tmp_path, [(0, 0, SLOW)], after, tolerance="off")
    check.require()
    assert written["tolerance"] is None
    assert [line.partition(":")[0] for line in said] == [
        "out of tolerance",
        "after the run the edge's host takes 3 ms for the head of split-fp16, the device 2 ms",
    ]
