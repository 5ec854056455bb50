"""Runs that ended before they were finished: what is kept of them, finished, or removed."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from testbed.commands.plot import plot
from testbed.errors import BadInput
from testbed.results.table import table_of
from testbed.runs import recording
from testbed.runs.folder import finish_later, is_unfinished, load
from tests.testbed import synthetic
from tests.testbed.run_files import RUN_FILES
from tests.testbed.runs.begun import BEGUN, RECORDS, begun, end_early, left_in


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("bug")])
def test_an_interrupted_run_is_kept_said_and_finished_later(
    tmp_path: Path, error: BaseException, undrawn: None
) -> None:
    out, said = tmp_path / "out", list[str]()
    end_early(out, error, 25, said.append)
    assert said == [f"25 requests are kept; to finish: testbed plot {out}"]
    assert left_in(out) == BEGUN | {"requests.jsonl", "link.json"}
    with pytest.raises(BadInput, match=r"unfinished run, .*`testbed plot .*out` finishes"):
        load(out)
    finish_later(out, said.append)
    assert left_in(out) == RUN_FILES
    pd.testing.assert_frame_equal(load(out).requests, table_of(RECORDS[:25]))
    assert said[1:] == [
        "155 requests have no record (local 40, remote-jpeg-q90 55, split-fp16 60); "
        f"what was measured is in {out}"
    ]
    summary = load(out).summary
    assert summary["missing"] == {"local": 40, "remote-jpeg-q90": 55, "split-fp16": 60}
    assert [deployment["requests"] for deployment in summary["deployments"]] == [20, 5, 0]


def test_a_torn_last_line_is_no_request(tmp_path: Path, undrawn: None) -> None:
    end_early(tmp_path / "out", KeyboardInterrupt(), 3)
    file = tmp_path / "out" / "requests.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    finish_later(tmp_path / "out", lambda line: None)
    assert len(load(tmp_path / "out").requests) == 2


def test_finishing_needs_no_trace_and_no_other_file(
    tmp_path: Path, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "rate.csv"
    trace.write_text("0\n12\n24\n")  # one packet each 12 ms
    lane = {"trace": str(trace), "delay": "5ms"}
    scenario = synthetic.scenario(requests=20, link={"uplink": lane, "downlink": lane})
    run = recording.Recording(scenario, "", {}, lambda line: None, tmp_path / "out")
    with pytest.raises(KeyboardInterrupt), run:
        run.keep_link(synthetic.facts_of_a_run())
        run.append(RECORDS[0])
        raise KeyboardInterrupt
    trace.unlink()
    finish_later(tmp_path / "out", lambda line: None)
    assert load(tmp_path / "out").summary["link"]["configured"]["uplink_rate_bps"] == 12e6


def test_a_run_that_goes_on_is_not_finished_by_others(tmp_path: Path, undrawn: None) -> None:
    out = tmp_path / "out"
    with synthetic.recording(out, tmp_path) as run:
        run.keep_link(synthetic.facts_of_a_run())
        run.append(RECORDS[0])
        with pytest.raises(BadInput, match="found a run that is going on, allowed: one that ended"):
            plot([out], None, None)
        assert (out / "requests.jsonl").read_text().count("\n") == 1


def test_a_run_that_was_killed_before_its_first_request_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = synthetic.recording(out, tmp_path)
    run._mark.close()
    run._lines.close()
    with pytest.raises(BadInput, match="found a run that ended before its first request"):
        plot([out], None, None)
    assert is_unfinished(out)


def test_the_next_run_removes_what_a_killed_one_left_and_no_data(
    tmp_path: Path, undrawn: None
) -> None:
    root = tmp_path / "results"
    finished, data = synthetic.save(root / "finished", root), begun(root / "data", root, 3)
    living, just_begun = (begun(root / name, root, killed=False) for name in ("living", "new"))
    (just_begun / "UNFINISHED").write_bytes(b"")
    empty, torn, noted = (begun(root / name, root) for name in ("empty", "torn", "noted"))
    (torn / "requests.jsonl").write_text('{"deployment": "loc')
    (torn / ".scenario.part.yaml").touch()
    (noted / "notes.txt").write_text("mine")
    with synthetic.recording(None, root) as run:
        assert left_in(root) == {
            folder.name for folder in (finished, data, living, just_begun, noted, run.folder)
        }
    assert left_in(noted) == {"notes.txt"}
    assert (data / "requests.jsonl").read_text().count("\n") == 3
    assert not {empty, torn} & set(root.iterdir())


def test_a_folder_that_a_killed_run_left_empty_can_be_named_again(
    tmp_path: Path, undrawn: None
) -> None:
    out = begun(tmp_path / "out", tmp_path)
    synthetic.save(out, tmp_path)
    assert left_in(out) == RUN_FILES
    other = begun(tmp_path / "other", tmp_path, 1)
    with pytest.raises(BadInput, match="not empty"):
        synthetic.save(other, tmp_path)
    assert (other / "requests.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda out: (out / "link.json").unlink(),
        lambda out: (out / "link.json").write_text("{}"),
        lambda out: (out / "link.json").write_text('{"backend": "tun", "weights": 1}'),
        lambda out: (out / "scenario.effective.yaml").write_text("{"),
        lambda out: (out / "scenario.effective.yaml").write_text("name: x"),
    ],
)
def test_a_damaged_folder_keeps_its_requests(
    tmp_path: Path, damage: Callable[[Path], object], undrawn: None
) -> None:
    out = tmp_path / "out"
    end_early(out, KeyboardInterrupt())
    damage(out)
    with pytest.raises(BadInput) as refused:
        finish_later(out, lambda line: None)
    assert "\n" not in str(refused.value)
    assert {"requests.jsonl", "UNFINISHED"} <= left_in(out)
