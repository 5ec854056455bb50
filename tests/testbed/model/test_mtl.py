"""The network as published, and the cut through it."""

import pytest
import torch

from testbed.errors import BadInput
from testbed.model.checkpoint import random_net
from testbed.model.mtl import BACKBONES, MtlNet

TASKS = {"scale": 8, "shape": 4}


@pytest.fixture(scope="module")
def net() -> MtlNet:
    return random_net("mobilenet_v3_small", TASKS, 64, seed=1).eval()


def test_the_cut_changes_nothing(net: MtlNet) -> None:
    images = torch.randn(3, 3, 64, 64)
    with torch.inference_mode():
        whole, cut = net(images), net.tail(net.head(images))
    assert list(whole) == ["scale", "shape"]
    assert all(torch.equal(whole[task], cut[task]) for task in TASKS)


def test_shapes(net: MtlNet) -> None:
    with torch.inference_mode():
        features = net.head(torch.zeros(2, 3, 64, 64))
        logits = net.tail(features)
    assert features.shape == (2, 576, 2, 2)
    assert net.feature_shape == (576, 2, 2)
    assert {task: tuple(scores.shape) for task, scores in logits.items()} == {
        "scale": (2, 8),
        "shape": (2, 4),
    }


def test_a_head_is_the_published_one(net: MtlNet) -> None:
    linear, dropout, relu, out = net.heads["scale"].children()
    assert isinstance(linear, torch.nn.Linear)
    assert isinstance(out, torch.nn.Linear)
    assert (linear.in_features, linear.out_features) == (576 * 2 * 2, 256)
    assert dropout.p == 0.1
    assert isinstance(relu, torch.nn.ReLU)
    assert (out.in_features, out.out_features) == (256, 8)


@pytest.mark.parametrize(
    ("backbone", "channels"), [("efficientnet_b0", 1280), ("vgg16", 512), ("resnet18", 512)]
)
def test_other_backbones_have_the_published_channels(backbone: str, channels: int) -> None:
    with torch.device("meta"):  # shapes without the cost of weights
        features = BACKBONES[backbone]()
    assert features(torch.zeros(2, 3, 64, 64, device="meta")).shape == (2, channels, 2, 2)


def test_features_at_the_published_input_size(net: MtlNet) -> None:
    with torch.inference_mode():
        features = net.head(torch.zeros(1, 3, 224, 224))
    assert features.numel() * 4 == 112_896  # bytes of float32, as published


def test_a_new_network_is_ready_to_train() -> None:
    fresh = random_net("mobilenet_v3_small", TASKS, 64, seed=1)
    assert all(module.training for module in fresh.modules())


def test_faults_say_what_is_allowed() -> None:
    with pytest.raises(BadInput, match="found 'lenet', allowed: mobilenet_v3_small"):
        MtlNet("lenet", TASKS, 64)
    with pytest.raises(BadInput, match="tasks: found none"):
        MtlNet("mobilenet_v3_small", {}, 64)
    with (
        torch.device("meta"),  # shapes without the cost of weights
        pytest.raises(BadInput, match="input_px: found 8, too small for vgg16"),
    ):
        MtlNet("vgg16", TASKS, 8)
