"""`testbed reproduce`: what is refused, and a study from start to end."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from testbed.commands.reproduce import reproduce
from testbed.errors import BadInput
from testbed.paper.memory import study as memory
from testbed.paper.memory.cases import WORKLOADS
from testbed.paper.options import QUICK_SEEDS, SEEDS, StudyOptions, data_path, device_of, seeds_of
from tests.testbed.command_line import run_testbed


def parsed(
    data: tuple[str, ...] = (),
    seeds: str | None = None,
    threads: int = 1,
    workers: int = 1,
    backbones: tuple[str, ...] | None = None,
    quick: bool = False,
    **more: Any,
) -> StudyOptions:
    paths = dict(data_path(word) for word in data)
    return StudyOptions(
        quick, Path("out"), paths, seeds_of(seeds, quick), threads, backbones, workers, **more
    )


def test_options_have_defaults() -> None:
    options = parsed()
    assert (options.seeds, options.backbones, dict(options.data)) == (SEEDS, None, {})
    assert parsed(quick=True).seeds == QUICK_SEEDS


def test_options_are_read(tmp_path: Path) -> None:
    options = parsed((f"faces={tmp_path}",), "4,5", 2, backbones=("vgg16",), quick=True)
    assert (options.seeds, options.threads, options.backbones) == ((4, 5), 2, ("vgg16",))
    assert dict(options.data) == {"faces": tmp_path}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": ("faces",)}, "--data: found 'faces', allowed: NAME=PATH"),
        ({"data": ("cats=.",)}, "--data: found 'cats=.', allowed: NAME=PATH"),
        ({"data": ("faces=/nowhere/at/all",)}, "--data faces: found nothing at /nowhere/at/all"),
        ({"seeds": "1,x"}, "--seeds: found '1,x', allowed"),
        ({"seeds": "1,1"}, "--seeds: found '1,1', allowed"),
        ({"seeds": "-1"}, "--seeds: found '-1', allowed"),
        ({"threads": 0}, "--threads: found 0, allowed: 1 or more"),
        ({"workers": 0}, "--workers: found 0, allowed: 1 or more"),
        ({"steps": 0}, "--steps: found 0, allowed: 1 or more"),
        ({"lr": 2.0}, "--lr: found 2.0, allowed: above 0 and below 1"),
        (
            {"noise": "impulse:2"},
            "noise: found 'impulse:2', allowed: none, paper, code, camera, or",
        ),
        ({"datasets": ("shapes",)}, "--dataset: found 'shapes', allowed: shapes3d"),
        ({"backbones": ("vgg",)}, "--backbone: found 'vgg', allowed: mobilenet_v3_small"),
    ],
)
def test_wrong_options_are_refused_in_one_line(changed: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as found:
        parsed(**changed)  # type: ignore[arg-type]
    assert str(found.value).startswith(said) and "\n" not in str(found.value)


def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    ended = run_testbed(tmp_path, "reproduce", "speed")
    assert (ended.code, ended.out) == (2, "")
    said = "NAME: found 'speed', allowed: accuracy, memory, split, traffic, coded, tasks, transfer"
    assert ended.err == f"testbed: {said}\n"


def test_a_gpu_that_is_not_there_is_said() -> None:
    assert device_of("cpu") == "cpu"
    with pytest.raises(BadInput, match="--device: found 'tpu', allowed: auto, cpu, cuda"):
        device_of("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test lacks")
def test_without_a_gpu_auto_is_the_cpu() -> None:
    assert device_of("auto") == "cpu"
    with pytest.raises(BadInput, match="--device: found no GPU"):
        device_of("cuda")


def test_a_folder_that_cannot_be_written_is_refused_before_the_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(BadInput, match="found a file, allowed: a new or empty folder"):
        reproduce("memory", out=tmp_path / "taken")
    assert capsys.readouterr().err == ""


def test_a_study_from_start_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The smallest there is: three processes are measured."""
    monkeypatch.setattr(memory, "WORKLOADS", WORKLOADS[:1])
    out = tmp_path / "out"
    reproduce("memory", quick=True, out=out, backbone=["mobilenet_v3_small"])
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == str(out)
    assert said.out.startswith("holds: The device needs less memory")
    assert "not testable here: " in said.out  # the published share is of another backbone
    assert "would confirm it: " in said.out
    assert "measuring shapes3d mobilenet_v3_small sc" in said.err
    files = {path.name for path in out.iterdir()}
    assert {"memory.md", "memory.csv", "memory.png", "memory.svg", "provenance.json"} <= files
    provenance = json.loads((out / "provenance.json").read_text())
    assert provenance["seconds"] > 0 and provenance["seeds"] == [1234] and provenance["quick"]
