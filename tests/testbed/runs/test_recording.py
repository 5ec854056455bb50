"""What was measured is on disk at once, whatever happens then, and can be finished later."""

import os
import shutil
from errno import ENOSPC
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import testbed.figures.kinds
from testbed.commands.plot import plot
from testbed.errors import BadInput, PeerLost, RunDamaged
from testbed.results import table
from testbed.results.energy import reckon
from testbed.results.table import table_of
from testbed.runs import folder as run_folder
from testbed.runs.folder import finish_later, load
from testbed.storage import folders
from tests.testbed import synthetic
from tests.testbed.results.power import POWER, facts
from tests.testbed.run_files import RUN_FILES
from tests.testbed.runs.begun import BEGUN, DUE, RECORDS, left_in


def test_a_run_is_complete_and_comes_back(tmp_path: Path) -> None:
    folder = synthetic.save(None, tmp_path / "results")
    assert folder.name.endswith("Z-lte")
    assert left_in(tmp_path / "results") == {folder.name}
    assert left_in(folder) == RUN_FILES
    assert left_in(folder / "figures") == {"cdf.png", "cdf.svg", "stages.png", "stages.svg"}
    back = load(folder)
    assert back.scenario_text == synthetic.TEXT
    assert "requests: 20\n" in back.effective_text
    assert back.environment == {"python": "CPython 3.11.2", "load": None}
    assert back.link["backend"] == back.summary["backend"] == "tun"
    assert (back.link["clock"], back.link["faults"]) == ("wall", [])
    assert "missing" not in back.summary
    pd.testing.assert_frame_equal(back.requests, table_of(RECORDS))


def test_attempts_that_were_disturbed_are_kept_and_do_not_count(
    tmp_path: Path, undrawn: None
) -> None:
    out = tmp_path / "out"
    with synthetic.recording(out, tmp_path) as run:
        run.keep_compute({"within_tolerance": True})
        for attempt in (0, 1):
            for record in synthetic.records(requests=20):
                if not attempt or record.repeat == 1:
                    record.attempt = attempt
                    record.answered_s += 1.0 - attempt
                    run.append(record)
        summary = run.finish(synthetic.facts_of_a_run())
    assert "missing" not in summary
    assert summary["compute"] == {"within_tolerance": True}
    back = load(out)
    assert len(back.requests) == DUE
    assert set(back.requests["attempt"][back.requests["repeat"] == 1]) == {1}
    assert back.compute == {"within_tolerance": True}
    assert {row["requests"] for row in summary["deployments"]} == {
        DUE / len(summary["deployments"])
    }
    assert len(table.read_table(out / "requests.parquet")) > DUE


def test_each_request_is_on_disk_as_soon_as_it_is_known(tmp_path: Path, undrawn: None) -> None:
    out = tmp_path / "out"
    with synthetic.recording(out, tmp_path) as run:
        assert left_in(out) == BEGUN | {"requests.jsonl"}
        assert "testbed plot" in (out / "UNFINISHED").read_text()
        for number, record in enumerate(RECORDS, start=1):
            run.append(record)
            assert (out / "requests.jsonl").read_text().count("\n") == number
        run.finish(synthetic.facts_of_a_run())
        assert left_in(out) == RUN_FILES


def test_a_run_in_virtual_time_is_kept_at_once(tmp_path: Path, undrawn: None) -> None:
    requests = table_of(RECORDS)
    with synthetic.recording(tmp_path / "out", tmp_path) as run:
        run.keep_requests(requests)
        run.finish(synthetic.facts_of_a_run())
    pd.testing.assert_frame_equal(load(tmp_path / "out").requests, requests)
    assert left_in(tmp_path / "out") == RUN_FILES


@pytest.mark.parametrize("out", [None, "new/er", "empty"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, PeerLost, ZeroDivisionError])
def test_without_a_request_nothing_is_left(
    tmp_path: Path, out: str | None, error: type[BaseException]
) -> None:
    (tmp_path / "empty").mkdir()
    folder = None if out is None else tmp_path / out
    with pytest.raises(error), synthetic.recording(folder, tmp_path / "results") as run:
        run.keep_link(synthetic.facts_of_a_run())
        with run.despite_faults():
            raise error
    assert left_in(tmp_path) == {"empty"} and left_in(tmp_path / "empty") == set()


def test_a_folder_that_another_run_took_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with synthetic.recording(tmp_path / "out", tmp_path):
        monkeypatch.setattr(folders, "check_writable", lambda out, root: None)  # just before
        with pytest.raises(BadInput, match="allowed: a folder that no other run writes"):
            synthetic.recording(tmp_path / "out", tmp_path)
        assert left_in(tmp_path / "out") == BEGUN | {"requests.jsonl"}


def test_what_breaks_in_mid_run_is_a_fault_and_the_rest_is_made(
    tmp_path: Path, undrawn: None
) -> None:
    out = tmp_path / "out"
    with synthetic.recording(out, tmp_path) as run, pytest.raises(RunDamaged) as ended:
        with run.despite_faults():
            run.append(RECORDS[0])
            raise PeerLost("the edge\nis gone")
        run.finish(synthetic.facts_of_a_run())
    assert str(ended.value).startswith("the edge is gone; 179 requests have no record (")
    assert str(ended.value).endswith(f"; what was measured is in {out}")
    assert load(out).link["faults"] == ["the edge is gone"]
    assert left_in(out) == RUN_FILES


def test_a_figure_that_fails_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> list[Path]:
        raise RuntimeError("no\nglyph")

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(testbed.figures.kinds, "draw_all", broken)
        with pytest.raises(RunDamaged) as ended:
            synthetic.save(out, tmp_path)
    assert str(ended.value) == (
        f"figures: RuntimeError: no glyph; what was measured is in {out}, "
        f"which `testbed plot {out}` finishes"
    )
    assert ended.value.exit_code == 1
    assert left_in(out) == RUN_FILES - {"figures"} | {"UNFINISHED"}
    assert len(load(out).requests) == DUE
    plot([out], None, None)
    assert left_in(out) == RUN_FILES


def full(*anything: object) -> None:
    raise OSError(ENOSPC, os.strerror(ENOSPC))


@pytest.mark.parametrize(("module", "name"), [(table, "write_table"), (run_folder, "atomic_write")])
def test_a_disk_full_at_the_last_second_costs_no_request(
    tmp_path: Path, undrawn: None, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(module, name, full)
        with pytest.raises(RunDamaged, match="No space left on device") as ended:
            synthetic.save(out, tmp_path)
    assert str(ended.value).endswith(f", which `testbed plot {out}` finishes")
    assert {"requests.jsonl", "UNFINISHED"} <= left_in(out)
    assert (out / "requests.jsonl").read_text().count("\n") == DUE
    finish_later(out, lambda line: None)
    assert left_in(out) == RUN_FILES
    assert len(load(out).requests) == DUE


@pytest.mark.parametrize("moved", [False, True])
def test_a_folder_that_is_removed_or_moved_in_mid_run_ends_it(
    tmp_path: Path, undrawn: None, moved: bool
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    with (
        pytest.raises(RunDamaged) as ended,
        synthetic.recording(out, tmp_path) as run,
    ):
        run.keep_link(synthetic.facts_of_a_run())
        run.append(RECORDS[0])
        out.rename(elsewhere)
        if not moved:
            shutil.rmtree(elsewhere)
        with run.despite_faults():
            run.append(RECORDS[1])
        assert run.requests == 1
        run.finish(synthetic.facts_of_a_run())
    assert str(ended.value) == f"{out}/requests.jsonl: removed or moved while the run went on"
    assert ended.value.exit_code == 1
    if moved:
        finish_later(elsewhere, lambda line: None)
        assert len(load(elsewhere).requests) == 1
    assert left_in(tmp_path) == ({"elsewhere"} if moved else set())


def test_times_that_never_were_and_names_of_any_bytes_can_be_kept(
    tmp_path: Path, undrawn: None
) -> None:
    out = tmp_path / os.fsdecode(b"out\xff")
    synthetic.save(out, tmp_path)
    assert isnan(load(out).requests["sent_s"].iloc[0])  # local sends nothing


def test_energy_is_reckoned_when_a_run_is_finished(tmp_path: Path, undrawn: None) -> None:
    known = synthetic.facts_of_a_run()
    known["edge_power"] = facts()
    with synthetic.recording(tmp_path / "known", tmp_path) as run:
        for record in synthetic.records(requests=20):
            run.append(record)
        summary = run.finish(known)
    wanted = synthetic.records(requests=20)
    reckon(wanted, POWER)
    found = load(run.folder).requests["edge_energy_j"]
    pd.testing.assert_series_equal(found, table_of(wanted)["edge_energy_j"])
    assert summary["deployments"][0]["edge_energy_j"]["mean"] == pytest.approx(0.078, rel=0.05)
