"""What a device must hold in each deployment, by computation: weights and activations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from testbed.data.catalog import DATASETS, DEFAULT_TASKS
from testbed.model.footprint import buffer_bytes, parameter_bytes, peak_activation_bytes
from testbed.model.mtl import BACKBONES
from testbed.paper import sizes

HIDDEN = 256
"""Of every task head, as published."""

Deployment = Literal["stl", "mtl", "sc"]
DEPLOYMENTS: tuple[Deployment, ...] = get_args(Deployment)
"""Local with a network for each task, local with one network for all, backbone only (split)."""


@dataclass(frozen=True)
class Workload:
    """A data set at one size of input. tasks: name -> classes."""

    name: str
    size: sizes.Size
    tasks: Mapping[str, int]


@dataclass(frozen=True)
class Case:
    """One deployment of one backbone on one workload."""

    workload: Workload
    backbone: str
    deployment: Deployment


@dataclass(frozen=True)
class Footprint:
    """Bytes of float32 for one image. peak: the most activations alive at once, image included."""

    weights_bytes: int
    peak_bytes: int

    @property
    def total_bytes(self) -> int:
        """Weights and activations together."""
        return self.weights_bytes + self.peak_bytes


def _workload(name: str, size: sizes.Size, dataset: str) -> Workload:
    """With the published tasks of a data set."""
    tasks = {task: DATASETS[dataset][task] for task in DEFAULT_TASKS[dataset]}
    return Workload(name, size, tasks)


WORKLOADS = (
    _workload("shapes3d", sizes.SHAPES_INPUT, "shapes3d"),
    _workload("medic", sizes.PUBLISHED_INPUT, "medic"),
    _workload("faces", sizes.PUBLISHED_INPUT, "faces"),
)
FULL_RESOLUTION = _workload("faces-full", sizes.FACES_CAMERA, "faces")


def cases(workloads: Sequence[Workload], backbones: Sequence[str]) -> list[Case]:
    """Every deployment of every backbone on every workload."""
    return [Case(*parts) for parts in product(workloads, backbones, DEPLOYMENTS)]


def footprint(case: Case) -> Footprint:
    """The device's share. Heads never set the peak: the backbone's image and features exceed it."""
    backbone_bytes, peak_bytes, _ = _backbone(case.backbone, case.workload.size)
    features = sizes.feature_values(case.backbone, case.workload.size)
    # Linear(features, 256) and Linear(256, classes), each with biases.
    heads = [
        sizes.FLOAT32_BYTES * ((features + 1) * HIDDEN + (HIDDEN + 1) * classes)
        for classes in case.workload.tasks.values()
    ]
    weights_bytes = {
        "stl": len(heads) * backbone_bytes + sum(heads),
        "mtl": backbone_bytes + sum(heads),
        "sc": backbone_bytes,
    }[case.deployment]
    return Footprint(weights_bytes, peak_bytes)


def summary_tool_bytes(backbone: str, size: sizes.Size) -> int:
    """What `layer_sum_bytes` says of a backbone at this size."""
    return _backbone(backbone, size)[2]


@cache
def _backbone(backbone: str, size: sizes.Size) -> tuple[int, int, int]:
    """Bytes of weights and statistics, peak of activations, and `layer_sum_bytes`."""
    with torch.device("meta"):
        shared = BACKBONES[backbone]().eval()
    # `activations` takes squares: give it one, of which the network sees a view. The rows that
    # the view leaves out stay alive all the time, so they are in the peak and come off again.
    side = max(size.height, size.width)
    unseen = (side * side - size.height * size.width) * sizes.CHANNELS * sizes.FLOAT32_BYTES
    peak_bytes = peak_activation_bytes(_Cropped(shared, size), side) - unseen
    weights_bytes = parameter_bytes(shared) + buffer_bytes(shared)
    return weights_bytes, peak_bytes, layer_sum_bytes(shared, size)


class _Cropped(nn.Module):
    def __init__(self, inner: nn.Module, size: sizes.Size) -> None:
        super().__init__()
        self._inner, self._size = inner, size

    def forward(self, images: Tensor) -> Tensor:
        seen: Tensor = self._inner(images[..., : self._size.height, : self._size.width])
        return seen


def layer_sum_bytes(module: nn.Module, size: sizes.Size) -> int:
    """The "forward/backward pass size" of one image by torchsummary 1.5.1, in bytes.

    Source: github.com/sksq96/pytorch-summary, `torchsummary.py`, whose output for a backbone at
    2835x3543 explains two published figures, see `study.py`. Its rule, in our words: the outputs of
    every module except containers and the outermost, added up as if all existed at once, and twice,
    for gradients that inference does not have. It counts a block's output again as the output of
    its last layer, and writes MB for 2^20 bytes. `module` is on torch's meta device and in
    evaluation mode.
    """
    outputs: list[int] = []

    def note(made_by: nn.Module, _: object, output: object) -> None:
        counts = made_by is not module and not isinstance(made_by, nn.Sequential | nn.ModuleList)
        if counts and isinstance(output, Tensor):
            outputs.append(output.numel())

    with register_module_forward_hook(note), torch.no_grad():
        module(torch.empty(1, sizes.CHANNELS, size.height, size.width, device="meta"))
    return 2 * sizes.FLOAT32_BYTES * sum(outputs)
