"""A network trained again from the file of its result."""

import json
from pathlib import Path

import pytest

from testbed.commands.reproduce import NotTheSame, reproduce
from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.training.again import train_again
from testbed.paper.training.images import Places
from testbed.paper.training.trials import point_of, run_trials
from tests.testbed.paper.small_trials import TRIAL


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = StudyOptions(True, tmp_path_factory.mktemp("study") / "out")
    run_trials([TRIAL], options, lambda line: None)
    return options.points / f"{point_of(TRIAL).digest}.json"


def changed(kept: Path, out: Path, **values: object) -> Path:
    content = json.loads(kept.read_text())
    file = out / kept.name
    file.write_text(json.dumps(content | values))
    return file


def test_it_comes_out_the_same(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reproduce(str(kept))
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "the same to the digit, and its learning curve too"
    assert said.out.startswith("scale: ")
    assert "training shapes3d mobilenet_v3_small scale+shape seed 1, 4 steps" in said.err


def test_another_number_is_said(kept: Path, tmp_path: Path) -> None:
    result = json.loads(kept.read_text())["result"]
    forged = result | {"accuracy": {"scale": 0.9, "shape": 0.9}}
    with pytest.raises(NotTheSame, match="not the same to the digit; on the same kind of machine"):
        reproduce(str(changed(kept, tmp_path, result=forged)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"training_version": 0}, "training_version: found 0, allowed: 1"),
        ({"result": None, "failed": "no number"}, "failed: found 'no number', allowed: a result"),
        ({"point": "0" * 16}, "found values that are not its name's"),
        ({"trial": {"tasks": [], "colour": 1}}, "allowed: the file of a trained network"),
        ({"trial": 3}, "allowed: the file of a trained network"),
    ],
)
def test_what_cannot_be_trained_again_is_refused_in_one_line(
    kept: Path, tmp_path: Path, values: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said) as found:
        train_again(changed(kept, tmp_path, **values), Places(), lambda line: None)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("content", [None, "", "[1]", "{}"])
def test_what_is_no_result_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "a.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadInput, match="allowed: the file of a trained network"):
        train_again(file, Places(), lambda line: None)
