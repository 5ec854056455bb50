"""What a scenario leaves open is chosen before it runs; else nothing is done."""

import subprocess
import sys
from pathlib import Path

import pytest

from testbed.choice import table
from testbed.choice.auto import resolved
from testbed.choice.candidates import entries_of
from testbed.commands.run import settled
from testbed.config.deployments import identity_of, is_open
from testbed.config.scenario import Scenario
from testbed.errors import BadInput
from testbed.halves.deployment import make_deployment
from testbed.model.load import NullNetwork
from tests.testbed.choice.test_choose import scenario


def asked(*entries: object) -> Scenario:
    return scenario().model_copy(update={"deployments": entries_of(entries)})


@pytest.fixture
def kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(table, "USUAL", 12)


@pytest.mark.usefixtures("kept_elsewhere")
def test_an_open_cut_becomes_a_name_with_the_codec_that_was_asked_for() -> None:
    said: list[str] = []
    before = asked("local", {"split": {"cut": "auto", "codec": "fp32"}})
    local, split = resolved(before, said.append).deployments
    assert local == "local"
    assert not is_open(split)
    name = identity_of(split).name
    assert name.startswith("split-") and name.endswith("-fp32")
    assert len(said) == 1 and said[0].startswith(f"split auto: {name} of 14: mean ")


def test_what_leaves_nothing_open_is_the_scenario_itself() -> None:
    before = asked("local", {"split": {"codec": "fp16"}})
    assert settled(before, pytest.fail) is before


def test_a_half_by_hand_takes_names_alone() -> None:
    (entry,) = entries_of([{"split": {"codec": "auto"}}])
    with pytest.raises(BadInput, match="found auto, allowed here: what `testbed choose` names"):
        make_deployment(entry, NullNetwork(("scale",), 8))


def test_a_run_s_own_process_imports_no_torch() -> None:
    code = "import sys, testbed.commands.run; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
