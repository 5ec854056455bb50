"""`testbed run --virtual` and `testbed profile` from the outside."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from testbed.results.table import table_of, write_table
from tests.testbed import synthetic
from tests.testbed.command_line import Ended, run_testbed, write_tiny
from tests.testbed.run_files import RUN_FILES

pytestmark = pytest.mark.realtime


SMALL = ("--set", "deployments=[split]")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended, Ended]:
    """A profile, and a run with it: by then there is one for these halves."""
    folder = tmp_path_factory.mktemp("virtual")
    file = write_tiny(folder)
    profiled = run_testbed(folder, "profile", str(file), *SMALL, "--rows", "8")
    return folder, profiled, run_testbed(folder, "run", str(file), *SMALL, "--virtual", "--seed=3")


def test_a_profile_is_shown_and_kept(finished: tuple[Path, Ended, Ended]) -> None:
    folder, ended, _ = finished
    assert ended.code == 0, ended.err
    assert ended.leftovers == []
    assert "split-fp16" in ended.out
    assert "8 requests, one after the other" in ended.out
    kept = folder / ended.out.splitlines()[-1]
    assert kept.parent == folder / "results" / "profiles"
    assert len(json.loads(kept.read_text())["samples"]) == 8


def test_a_run_uses_it_and_leaves_the_folder_of_a_run(finished: tuple[Path, Ended, Ended]) -> None:
    folder, profiled, ended = finished
    assert ended.code == 0, ended.err
    assert ended.leftovers == []
    said = " ".join(ended.err.split())
    assert f"profile of both halves: {profiled.out.splitlines()[-1]}, measured 20" in said
    run = folder / ended.out.splitlines()[-1]
    assert {path.name for path in run.iterdir()} == RUN_FILES
    assert {path.name for path in (run / "figures").iterdir()} >= {"stages.png", "cdf.svg"}
    summary = json.loads((run / "summary.json").read_text())
    assert (summary["backend"], summary["clock"]) == ("simpy", "virtual")
    assert [d["requests"] for d in summary["deployments"]] == [16]
    assert "simpy link, virtual clock" in ended.out


def test_it_can_be_repeated_also_from_a_profile_that_is_given(
    finished: tuple[Path, Ended, Ended],
) -> None:
    folder, profiled, ended = finished
    run = folder / ended.out.splitlines()[-1]
    kept = folder / profiled.out.splitlines()[-1]
    mine = kept.rename(folder / "mine.json")
    options = ("--virtual", "--seed", "3", "--json", "--profile", str(mine))
    again = run_testbed(folder, "run", "tiny.yaml", *SMALL, *options)
    assert again.code == 0, again.err
    assert json.loads(again.out) == json.loads((run / "summary.json").read_text())
    assert again.err == ""


def test_its_requests_have_the_columns_of_a_wall_clock_run(
    finished: tuple[Path, Ended, Ended], tmp_path: Path
) -> None:
    folder, _, ended = finished
    found = pq.read_schema(folder / ended.out.splitlines()[-1] / "requests.parquet")
    write_table(table_of(synthetic.records(requests=3)), tmp_path / "wall.parquet")
    wall = pq.read_schema(tmp_path / "wall.parquet")
    for field in wall:
        if not field.name.startswith(("predicted_", "label_")):
            assert found.field(field.name).type == field.type


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--virtual", "--backend", "tun"), "--backend: found 'tun', allowed with --virtual"),
        (("--profile", "tiny.yaml"), "allowed: with --virtual only"),
        (("--virtual", "--profile", "tiny.yaml"), "tiny.yaml: not JSON"),
        (("--virtual", "--profile", "none.json"), "none.json: no such file"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    write_tiny(tmp_path)
    ended = run_testbed(tmp_path, "run", "tiny.yaml", *arguments)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert said in ended.err
    assert not (tmp_path / "results").exists()


def test_named_devices_need_no_profile(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    model = "model={backbone: mobilenet_v3_small, weights: random, input_px: 32}"
    devices = ("--set", "edge.device=pixel", "--set", "server.device=server-core")
    ended = run_testbed(tmp_path, "run", "tiny.yaml", "--set", model, *devices, "--virtual")
    assert ended.code == 0, ended.err
    assert ended.err == ""
    assert ended.leftovers == []
    assert not (tmp_path / "results" / "profiles").exists()
    run = tmp_path / ended.out.splitlines()[-1]
    assert {path.name for path in run.iterdir()} == RUN_FILES
    summary = json.loads((run / "summary.json").read_text())
    assert summary["devices"]["edge"]["scales"]["compute"]["basis"] == "published"
    said = " ".join(ended.out.split())
    assert "edge: pixel, 2." in said
    assert "server: server-core, 2.00 times reference (1.00 to 2.50), inferred" in said


def test_a_profile_is_not_for_named_devices(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    devices = ("--set", "edge.device=pixel", "--set", "server.device=server-core")
    for command in (("run", "tiny.yaml", "--virtual", "--profile", "x"), ("profile", "tiny.yaml")):
        ended = run_testbed(tmp_path, *command, *devices, "--set", "model.backbone=resnet18")
        assert ended.code == 2
        assert len(ended.err.splitlines()) == 1
        assert "allowed" in ended.err
