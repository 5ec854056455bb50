"""Quick layers compute what torch's own do, forwards and backwards."""

import pytest
import torch
from torch import nn

from testbed.model.mtl import MtlNet
from testbed.training.quick_layers import Depthwise, Pointwise, quick_layers, weight_gradient


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [
        (1, 5, 1, 2),
        (2, 5, 1, 2),
        (4, 5, 2, 2),
        (4, 5, 1, 2),
        (5, 3, 2, 1),
        (7, 3, 1, 0),
        (6, 3, 3, 1),
    ],
)
def test_the_weight_gradient_is_torchs(size: int, kernel: int, stride: int, padding: int) -> None:
    torch.manual_seed(0)
    inputs = torch.randn(3, 6, size, size, dtype=torch.float64)
    weight = torch.randn(6, 1, kernel, kernel, dtype=torch.float64, requires_grad=True)
    output = nn.functional.conv2d(inputs, weight, None, stride, padding, groups=6)
    gradient = torch.randn_like(output)
    (expected,) = torch.autograd.grad(output, weight, gradient)
    found = weight_gradient(gradient, inputs, kernel, stride, padding)
    torch.testing.assert_close(found, expected)


def test_a_network_gets_the_same_losses_and_gradients() -> None:
    torch.manual_seed(0)
    net = MtlNet("mobilenet_v3_small", {"a": 3}, 32).double().eval()  # drops nothing at random
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)

    def loss_and_gradients() -> list[torch.Tensor]:
        net.zero_grad()
        loss = net(images)["a"].square().sum()
        loss.backward()
        gradients = [weights.grad for weights in net.parameters()]
        return [loss.detach(), *(each.clone() for each in gradients if each is not None)]

    usual = loss_and_gradients()
    with quick_layers(net):
        assert {Depthwise, Pointwise} <= {type(module) for module in net.modules()}
        quick = loss_and_gradients()
    assert len(usual) == 1 + len(list(net.parameters()))
    torch.testing.assert_close(quick, usual, rtol=1e-9, atol=1e-12)


def test_only_plain_layers_change_and_all_change_back() -> None:
    net = nn.Sequential(
        nn.Conv2d(4, 8, 1),
        nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
        nn.Conv2d(8, 8, 1, stride=2),
        nn.Conv2d(8, 8, 3, groups=8),
        nn.Conv2d(8, 8, 3, padding="same", groups=8, bias=False),
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, bias=False),
        nn.Conv2d(8, 8, 3, groups=2, bias=False),
    )
    with quick_layers(net):
        assert [type(layer) for layer in net] == [Pointwise, Depthwise, *[nn.Conv2d] * 5]
    assert {type(layer) for layer in net} == {nn.Conv2d}
