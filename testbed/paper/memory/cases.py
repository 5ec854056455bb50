"""What a device must hold in each deployment, by computation: weights and activations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from testbed.data.catalog import DATASETS, DEFAULT_TASKS
from testbed.model.footprint import buffer_bytes, parameter_bytes, peak_activation_bytes
from testbed.model.mtl import BACKBONES
from testbed.paper.memory.layer_sum import layer_sum_bytes
from testbed.paper.sizes import (
    CHANNELS,
    FACES_CAMERA,
    FLOAT32_BYTES,
    PUBLISHED_INPUT,
    SHAPES_INPUT,
    Size,
    feature_values,
)

HIDDEN = 256
"""Of every task head, as published."""

Deployment = Literal["stl", "mtl", "sc"]
DEPLOYMENTS: tuple[Deployment, ...] = get_args(Deployment)
"""Local with a network for each task, local with one network for all, backbone only (split)."""


@dataclass(frozen=True)
class Workload:
    """A data set at one size of input. tasks: name -> classes."""

    name: str
    size: Size
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


def published_tasks(dataset: str) -> dict[str, int]:
    """The published tasks of a data set and their classes."""
    return {task: DATASETS[dataset][task] for task in DEFAULT_TASKS[dataset]}


WORKLOADS = (
    Workload("shapes3d", SHAPES_INPUT, published_tasks("shapes3d")),
    Workload("medic", PUBLISHED_INPUT, published_tasks("medic")),
    Workload("faces", PUBLISHED_INPUT, published_tasks("faces")),
)
FULL_RESOLUTION = Workload("faces-full", FACES_CAMERA, published_tasks("faces"))


def cases(workloads: tuple[Workload, ...], backbones: tuple[str, ...]) -> Iterator[Case]:
    """Every deployment of every backbone on every workload."""
    for workload in workloads:
        for backbone in backbones:
            for deployment in DEPLOYMENTS:
                yield Case(workload, backbone, deployment)


def footprint(case: Case) -> Footprint:
    """The device's share. Heads never set the peak: the backbone's image and features exceed it."""
    backbone_bytes, peak_bytes, _ = _backbone(case.backbone, case.workload.size)
    features = feature_values(case.backbone, case.workload.size)
    heads = [head_bytes(features, classes) for classes in case.workload.tasks.values()]
    weights_bytes = {
        "stl": len(heads) * backbone_bytes + sum(heads),
        "mtl": backbone_bytes + sum(heads),
        "sc": backbone_bytes,
    }[case.deployment]
    return Footprint(weights_bytes, peak_bytes)


def head_bytes(features: int, classes: int) -> int:
    """Weights and biases of Linear(features, 256) and Linear(256, classes), as float32."""
    return FLOAT32_BYTES * ((features + 1) * HIDDEN + (HIDDEN + 1) * classes)


def summary_tool_bytes(backbone: str, size: Size) -> int:
    """What `layer_sum` says of a backbone at this size."""
    return _backbone(backbone, size)[2]


@cache
def _backbone(backbone: str, size: Size) -> tuple[int, int, int]:
    """Bytes of weights and statistics, peak of activations, and `layer_sum_bytes`."""
    with torch.device("meta"):
        shared = BACKBONES[backbone]().eval()
    # `activations` takes squares: give it one, of which the network sees a view. The rows that
    # the view leaves out stay alive all the time, so they are in the peak and come off again.
    side = max(size.height, size.width)
    unseen = (side * side - size.height * size.width) * CHANNELS * FLOAT32_BYTES
    peak_bytes = peak_activation_bytes(_Cropped(shared, size), side) - unseen
    weights_bytes = parameter_bytes(shared) + buffer_bytes(shared)
    return weights_bytes, peak_bytes, layer_sum_bytes(shared, size)


class _Cropped(nn.Module):
    def __init__(self, inner: nn.Module, size: Size) -> None:
        super().__init__()
        self._inner, self._size = inner, size

    def forward(self, images: Tensor) -> Tensor:
        seen: Tensor = self._inner(images[..., : self._size.height, : self._size.width])
        return seen
