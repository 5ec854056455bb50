"""Memory by computation agrees with the networks themselves, and is really measured."""

import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from testbed.errors import PeerLost
from testbed.model.footprint import buffer_bytes, parameter_bytes, peak_activation_bytes
from testbed.model.mtl import MtlNet
from testbed.paper.memory import process as memory_process
from testbed.paper.memory.cases import (
    FULL_RESOLUTION,
    WORKLOADS,
    Case,
    Deployment,
    Workload,
    footprint,
    layer_sum_bytes,
    summary_tool_bytes,
)
from testbed.paper.memory.process import can_be_measured, measure
from testbed.paper.sizes import PUBLISHED_INPUT, Size

TINY = Workload("tiny", Size(32, 32), {"left": 3, "right": 2})


def held_by(network: nn.Module) -> int:
    return parameter_bytes(network) + buffer_bytes(network)


@pytest.mark.parametrize("backbone", ["mobilenet_v3_small", "resnet18"])
def test_weights_are_those_of_the_networks(backbone: str) -> None:
    both = MtlNet(backbone, TINY.tasks, 32)
    single = [MtlNet(backbone, {task: n}, 32) for task, n in TINY.tasks.items()]
    expected: dict[Deployment, int] = {
        "stl": sum(held_by(network) for network in single),
        "mtl": held_by(both),
        "sc": held_by(both.shared),
    }
    for deployment, weights_bytes in expected.items():
        assert footprint(Case(TINY, backbone, deployment)).weights_bytes == weights_bytes


def test_the_peak_is_that_of_the_backbone_and_heads_do_not_exceed_it() -> None:
    network = MtlNet("mobilenet_v3_small", TINY.tasks, 32)
    peak = footprint(Case(TINY, "mobilenet_v3_small", "mtl")).peak_bytes
    assert peak == peak_activation_bytes(network.shared, 32)
    assert peak == peak_activation_bytes(network, 32)


def test_an_image_that_is_no_square_is_counted_as_it_is() -> None:
    """The first convolution: 3 channels in at full size, 64 out; its activation works in place."""
    peak = footprint(Case(Workload("wide", Size(32, 96), {"a": 2}), "vgg16", "sc")).peak_bytes
    image, layer = 3 * 32 * 96 * 4, 64 * 32 * 96 * 4
    assert peak == image + 2 * layer


def test_the_summary_tool_is_read_as_it_counts() -> None:
    """By hand: conv and its container's member ReLU, each (8, 6, 6) of float32, twice."""
    with torch.device("meta"):
        small = nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()))
    assert layer_sum_bytes(small, Size(8, 8)) == 2 * 4 * (2 * 8 * 6 * 6)


def test_the_summary_tool_s_own_figures_are_met() -> None:
    """What torchsummary 1.5.1 prints of `mobilenet_v3_small().features`: 34.57 and 6934.93 MB."""
    at_input = summary_tool_bytes("mobilenet_v3_small", PUBLISHED_INPUT) / 2**20
    at_full = summary_tool_bytes("mobilenet_v3_small", FULL_RESOLUTION.size) / 2**20
    assert f"{at_input:.2f} {at_full:.2f}" == "34.57 6934.93"


def test_a_process_that_holds_more_is_measured_as_more() -> None:
    """VGG16's backbone holds 55 MB more than MobileNet's; both are processes of their own."""
    workload = WORKLOADS[0]
    small, large = (
        measure(Case(workload, backbone, "sc"), threads=1)
        for backbone in ("mobilenet_v3_small", "vgg16")
    )
    more = (
        footprint(Case(workload, "vgg16", "sc")).weights_bytes
        - footprint(Case(workload, "mobilenet_v3_small", "sc")).weights_bytes
    )
    assert large.above_torch_bytes - small.above_torch_bytes > 0.8 * more
    assert (
        small.above_torch_bytes
        > footprint(Case(workload, "mobilenet_v3_small", "sc")).weights_bytes
    )
    assert small.peak_bytes > small.imported_bytes > 50e6


def test_a_process_does_not_inherit_its_parent_s_peak() -> None:
    ask = "from testbed.paper.memory.child import peak_bytes as p; print(p())"
    code = (
        "import subprocess, sys\n"
        "hoard = bytearray(600_000_000); hoard[::4096] = b'1' * len(hoard[::4096])\n"
        "from testbed.paper.memory.child import peak_bytes as p\n"
        f"print(p(), subprocess.check_output([sys.executable, '-c', {ask!r}]).decode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    parent, own = map(int, done.stdout.split())
    assert parent - own > 500e6


def test_a_child_that_fails_is_told_of_in_one_line() -> None:
    with pytest.raises(PeerLost, match="KeyError") as found:
        measure(Case(TINY, "nonesuch", "sc"), threads=1)
    assert "\n" not in str(found.value)


def test_what_does_not_fit_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(WORKLOADS[2], "vgg16", "stl")
    needed = footprint(case).total_bytes
    monkeypatch.setattr(memory_process, "free_memory_bytes", lambda: 2 * needed)
    assert can_be_measured(case)
    monkeypatch.setattr(memory_process, "free_memory_bytes", lambda: 2 * needed - 2)
    assert not can_be_measured(case)
    monkeypatch.setattr(memory_process, "free_memory_bytes", lambda: None)
    assert not can_be_measured(case)


def test_of_an_image_that_is_no_square_only_the_backbone_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_process, "free_memory_bytes", lambda: 10**15)
    assert can_be_measured(Case(FULL_RESOLUTION, "vgg16", "sc"))
    assert not can_be_measured(Case(FULL_RESOLUTION, "vgg16", "mtl"))


def test_the_child_speaks_json_alone() -> None:
    asked = {
        "deployment": "mtl",
        "backbone": "mobilenet_v3_small",
        "tasks": dict(TINY.tasks),
        "height": 32,
        "width": 32,
        "threads": 1,
    }
    done = subprocess.run(
        [sys.executable, "-m", memory_process.CHILD, json.dumps(asked)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout).keys() == {"imported_bytes", "peak_bytes"}
