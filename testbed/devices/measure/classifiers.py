"""Whole networks as others publish times of them: with these, published figures compare."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import nn

from testbed.devices.measure.timing import median_s
from testbed.devices.tables import Curve
from testbed.model.torchvision_compat import models

INPUT_PX = 224
_V1_WIDTHS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2))
_V1_REST = ((512, 1),) * 5 + ((1024, 2), (1024, 1))


def mobilenet_v1() -> nn.Module:
    """Howard et al., "MobileNets", 2017, table 1: thirteen depthwise separable convolutions."""
    layers, width = [_convolution(3, 32, 3, 2)], 32
    for wider, stride in (*_V1_WIDTHS, *_V1_REST):
        layers += [
            _convolution(width, width, 3, stride, groups=width),
            _convolution(width, wider, 1, 1),
        ]
        width = wider
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 1000))


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1
) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def _published(name: str) -> nn.Module:
    module: nn.Module = models.get_model(name, weights=None)
    return module


CLASSIFIERS: Mapping[str, Callable[[], nn.Module]] = {
    "mobilenet_v1": mobilenet_v1,
    **{
        name: partial(_published, name)
        for name in (
            *("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
            *("efficientnet_b0", "resnet18", "resnet50"),
        )
    },
}


@torch.inference_mode()
def measure_classifier(name: str) -> Curve:
    """One image of 224 px; weights are random."""
    torch.manual_seed(0)
    network = CLASSIFIERS[name]().eval()
    image = torch.rand(1, 3, INPUT_PX, INPUT_PX)
    return ((float(INPUT_PX), median_s(lambda: network(image))),)
