"""Memory of a network, against what can be counted by hand or was published."""

import pytest
import torch
from torch import Tensor, nn

from testbed.model.checkpoint import random_net
from testbed.model.footprint import (
    buffer_bytes,
    edge_bytes,
    parameter_bytes,
    peak_activation_bytes,
)
from testbed.model.mtl import BACKBONES

IMAGE, WIDE, NARROW = 3 * 8 * 8 * 4, 8 * 8 * 8 * 4, 4 * 8 * 8 * 4


def convolution(channels_in: int, channels_out: int) -> nn.Module:
    return nn.Conv2d(channels_in, channels_out, 3, padding=1)


class Skip(nn.Module):
    """x + conv(conv(x)): x is held while the block works."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(convolution(8, 4), convolution(4, 8))

    def forward(self, features: Tensor) -> Tensor:
        inner: Tensor = self.inner(features)
        return features + inner


def test_a_chain_by_hand() -> None:
    chain = nn.Sequential(
        convolution(3, 8),
        nn.ReLU(inplace=True),  # makes nothing
        convolution(8, 4),  # the peak: image (the caller's), its input, its output
        nn.ReLU(),
        nn.Flatten(),  # a view: makes nothing
        nn.Linear(4 * 8 * 8, 2),
    )
    assert peak_activation_bytes(chain, 8) == IMAGE + WIDE + NARROW


def test_a_skip_connection_by_hand() -> None:
    found = peak_activation_bytes(nn.Sequential(convolution(3, 8), Skip()), 8)
    assert found == IMAGE + 3 * WIDE  # the addition: x, the branch and their sum


def test_parameters_and_buffers_by_hand() -> None:
    small = nn.Sequential(convolution(3, 8), nn.BatchNorm2d(8), nn.Conv2d(8, 4, 1, bias=False))
    assert parameter_bytes(small) == 4 * ((3 * 9 * 8 + 8) + (8 + 8) + 8 * 4)
    assert buffer_bytes(small) == 4 * (8 + 8) + 8


def test_looking_changes_nothing() -> None:
    net = random_net("mobilenet_v3_small", {"scale": 8}, 64, seed=1).train()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    assert peak_activation_bytes(net, 64) == peak_activation_bytes(net, 64)
    assert net.training
    assert all(torch.equal(before[name], now) for name, now in net.state_dict().items())


@pytest.mark.parametrize(
    ("backbone", "million_parameters"),
    [  # as torchvision's model pages give them, less the classifiers that are not used here
        ("mobilenet_v3_small", 2.543 - 1.616),
        ("efficientnet_b0", 5.289 - 1.281),
        ("resnet18", 11.690 - 0.513),
        ("vgg16", 138.358 - 123.643),
        ("vgg16_bn", 138.366 - 123.643),
    ],
)
def test_published_figures(backbone: str, million_parameters: float) -> None:
    with torch.device("meta"):
        features = BACKBONES[backbone]()
    assert parameter_bytes(features) / 4e6 == pytest.approx(million_parameters, rel=2e-3)


def test_the_whole_network_needs_no_less_than_its_head() -> None:
    net = random_net("mobilenet_v3_small", {"scale": 8}, 224, seed=1)
    head, whole = peak_activation_bytes(net.shared, 224), peak_activation_bytes(net, 224)
    assert whole == head  # early layers are the large ones


def test_each_cut_further_holds_more_and_the_last_the_whole_network() -> None:
    net = random_net("mobilenet_v3_small", {"scale": 8, "shape": 4}, 64, seed=1)
    held = [edge_bytes(net, cut) for cut in range(len(net.blocks) + 1)]
    assert held[0] == 0
    assert held == sorted(held)
    peak = peak_activation_bytes(net.shared, 64)
    assert held[-3] == parameter_bytes(net.shared) + buffer_bytes(net.shared) + peak
    assert held[-2] - held[-3] == 2 * 4 * (576 * 2 * 2 + 1) * 256
    assert held[-1] == parameter_bytes(net) + buffer_bytes(net) + peak
