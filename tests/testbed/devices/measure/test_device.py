"""Measuring this machine: real stages, in the shape of a device's file."""

from pathlib import Path

import pytest
import yaml

from testbed.codecs import CODECS
from testbed.devices.find import find_device
from testbed.devices.law import Law
from testbed.devices.measure import chains, classifiers, coding, quiet, timing
from testbed.devices.measure.device import _joined, as_yaml, measure_device
from testbed.devices.measure.quiet import Quiet
from testbed.errors import BadInput
from testbed.model.mtl import MtlNet
from testbed.points.code import made_by
from tests.testbed.devices.made_up import Network


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BUDGET_S", 0.0), ("LEAST", 2), ("WARMUP", 0)):
        monkeypatch.setattr(timing, name, value)
    monkeypatch.setattr(chains, "SIZES_PX", (32, 64))
    monkeypatch.setattr(coding, "CAMERA_PX", (64, 720))
    monkeypatch.setattr(quiet, "WATCHED_S", 0.0)
    monkeypatch.setattr(classifiers, "CLASSIFIERS", {"mobilenet_v1": classifiers.mobilenet_v1})
    monkeypatch.setattr(coding, "codecs_of", _quick_codecs)


def _quick_codecs(content: str) -> dict[str, object]:
    return {
        name: CODECS["jpeg"] if name in ("png", "webp", "avif") else codec
        for name, codec in CODECS.items()
        if codec.content == content
    }


@pytest.mark.realtime
def test_a_measured_file_is_a_device(quick: None, tmp_path: Path) -> None:
    said: list[str] = []
    found = measure_device("here", ["mobilenet_v3_small"], 1, said.append, rounds=1)
    assert said[0] == "round 1 of 1"
    file = tmp_path / "here.yaml"
    file.write_text(as_yaml(found))
    device = find_device(str(file))
    net = MtlNet("mobilenet_v3_small", chains.TASKS, 64)
    network = Network(
        net.backbone, 64, 1_183_244, 1_180_160, tuple(net.tasks), ("resize", *net.blocks)
    )
    law = Law(device, network)
    assert 1e-4 < law.compute_s(1, len(network.blocks), 720**2) < 1
    assert 1e-6 < law.transport_s(1000) < 0.1
    assert law.encode_s("jpeg", (720, 720, 3)) > law.encode_s("raw", (720, 720, 3))
    assert yaml.safe_load(file.read_text())["environment"]["quiet"]["before"].keys() == {
        *("busy", "stolen", "load_average")
    }


def test_an_unknown_backbone_is_bad_input() -> None:
    with pytest.raises(BadInput, match="--backbones: found 'alexnet', allowed: mobilenet"):
        measure_device("here", ["alexnet"], 1, lambda line: None)


def test_times_are_the_least_of_the_rounds_and_their_spread_the_median() -> None:
    rounds = [{"a": [[4.0, x]], "spread": [[0.5, x]], "n": 1} for x in (3.0, 1.0, 2.0)]
    assert _joined(rounds, min) == {"a": [[4.0, 1.0]], "spread": [[0.5, 2.0]], "n": 1}


def test_mobilenet_v1_is_the_published_one() -> None:
    """Howard et al. 2017, table 8: 4.2 million parameters."""
    count = sum(weight.numel() for weight in classifiers.mobilenet_v1().parameters())
    assert count == pytest.approx(4.2e6, rel=0.02)


def test_a_table_without_a_point_is_off_by_so_much() -> None:
    assert chains.left_out(((1.0, 1.0), (2.0, 4.0), (3.0, 3.0))) == 0.5
    assert chains.left_out(((1.0, 1.0), (2.0, 4.0))) == 0
    assert chains.left_out(((1.0, 1.0), (2.0, 0.0), (3.0, 3.0))) == 0  # too quick for the clock


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Quiet(0.0, 0.0, 0.1), ""),
        (Quiet(None, None, None), ""),
        (Quiet(0.5, 0.0, 1.0), "its processors were busy for 50%"),
        (Quiet(0.5, 0.1, 1.0), "10% of its time was taken by the host above it"),
    ],
)
def test_a_machine_with_other_things_to_do_is_said_so(seen: Quiet, said: str) -> None:
    assert seen.against().startswith(said)
    assert bool(seen.against()) is bool(said)


def test_measuring_needs_no_more_than_an_edge_half() -> None:
    """No tables, no figures, no simulation."""
    assert not {"pandas", "scipy", "simpy"} & made_by("testbed.commands.device").keys()
