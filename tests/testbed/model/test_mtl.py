"""The network as published, and the cut through it."""

import pytest
import torch

from testbed.errors import BadInput
from testbed.lifecycle.messages import MAX_FRAME_BYTES
from testbed.model.checkpoint import random_net
from testbed.model.mtl import BACKBONES, MtlNet, classifier, features_of
from testbed.model.torchvision_compat import models

TASKS = {"scale": 8, "shape": 4}


@pytest.fixture(scope="module")
def net() -> MtlNet:
    return random_net("mobilenet_v3_small", TASKS, 64, seed=1).eval()


@pytest.mark.parametrize("px", [33, 65, 97])  # odd, and one more than what halves evenly
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_no_cut_changes_anything(backbone: str, px: int) -> None:
    net = random_net(backbone, TASKS, px, seed=1, hidden=8).eval()
    images = torch.randn(2, 3, px, px)
    end = len(net.blocks)
    with torch.inference_mode():
        whole = net(images)
        for cut in range(end):
            before = net.run(images, 0, cut)
            assert isinstance(before, torch.Tensor)
            sent = before.clone()
            found = net.run(sent, cut, end)
            assert isinstance(found, dict)
            assert list(found) == list(TASKS)
            assert all(torch.equal(whole[task], found[task]) for task in TASKS), net.blocks[cut]
            assert torch.equal(sent, before), f"{net.blocks[cut]} changes what it is given"


BLOCKS = {
    "mobilenet_v3_small": (15, "features.0", "features.12"),
    "efficientnet_b0": (11, "features.0", "features.8"),
    "efficientnet_lite0": (20, "features.0", "features.17"),
    "vgg16": (33, "features.0", "features.30"),
    "vgg16_bn": (46, "features.0", "features.43"),
    "resnet18": (10, "conv1", "layer4"),
}


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_blocks_have_the_classifier_s_names(backbone: str) -> None:
    net = random_net(backbone, TASKS, 32, seed=1, hidden=8)
    whole = classifier(backbone)
    assert (len(net.blocks), net.blocks[0], net.blocks[-3]) == BLOCKS[backbone]
    assert net.blocks[-2:] == ("hidden", "heads")
    for name, part in zip(net.blocks, net.shared, strict=False):
        assert str(whole.get_submodule(name)) == str(part)


def test_what_is_hidden_crosses_side_by_side_task_after_task(net: MtlNet) -> None:
    features = torch.randn(1, 576, 2, 2)
    with torch.inference_mode():
        hidden = net.run(features, 13, 14)
        each = [head[:3](features.flatten(1)) for head in net.heads.values()]  # type: ignore[index]
    assert isinstance(hidden, torch.Tensor)
    assert hidden.shape == (1, 2 * 256)
    assert torch.equal(hidden, torch.cat(each, dim=1))
    assert hidden.min() == 0  # behind the ReLU


def test_fewer_tasks_hide_less_and_come_in_the_order_asked_for() -> None:
    net = random_net("resnet18", {"a": 2, "b": 3, "c": 4}, 32, seed=1, hidden=8).eval()
    net.keep_tasks(["c", "a"])
    with torch.inference_mode():
        hidden = net.run(torch.zeros(1, *net.shapes[-2]), 8, 9)
        scores = net.run(hidden, 9, 10)  # type: ignore[arg-type]
    assert net.shapes[-1] == (16,)
    assert [(task, one.shape[1]) for task, one in scores.items()] == [("c", 4), ("a", 2)]  # type: ignore[union-attr]


def test_weights_keep_their_names_whatever_blocks_are_called() -> None:
    names = random_net("resnet18", TASKS, 32, seed=1).state_dict()
    assert {"shared.0.weight", "shared.7.1.bn2.bias", "heads.scale.0.weight"} <= names.keys()


@pytest.mark.parametrize("shape", [(), (1,), (1, 3, 64, 32), (1, 4, 64, 64)])
def test_what_does_not_fit_a_cut_is_refused(net: MtlNet, shape: tuple[int, ...]) -> None:
    for cut in (0, 3, len(net.blocks) - 2, len(net.blocks) - 1):
        with pytest.raises(ValueError, match="allowed"):
            net.run(torch.zeros(shape), cut, len(net.blocks))


def test_shapes(net: MtlNet) -> None:
    with torch.inference_mode():
        features = net.head(torch.zeros(2, 3, 64, 64))
        logits = net.tail(features)
    assert features.shape == (2, 576, 2, 2)
    assert net.shapes[-2:] == ((576, 2, 2), (512,))
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


PUBLISHED = {
    "mobilenet_v3_small": (576, 112_896),
    "efficientnet_b0": (1280, 250_880),
    "efficientnet_lite0": (1280, 250_880),
    "vgg16": (512, 100_352),
    "vgg16_bn": (512, 100_352),
    "resnet18": (512, 100_352),
}
"""Channels, and bytes of float32 features at 224 px."""


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_features_are_of_the_published_size(backbone: str) -> None:
    with torch.device("meta"):  # shapes without the cost of weights
        features = BACKBONES[backbone]()
    small, large = (features(torch.zeros(1, 3, px, px, device="meta")) for px in (64, 224))
    channels, size_bytes = PUBLISHED[backbone]
    assert small.shape == (1, channels, 2, 2)
    assert large.nbytes == size_bytes < MAX_FRAME_BYTES


def test_a_frame_holds_the_largest_camera_image_of_any_codec() -> None:
    assert MAX_FRAME_BYTES > 2835 * 3543 * 3  # FACES as the camera took it, raw
    assert MAX_FRAME_BYTES > 8192 * 8192 * 3  # the largest `workload.camera_px`, raw


@pytest.mark.parametrize("batch_norm", [False, True])
def test_vgg_without_its_classifier_is_torchvisions(batch_norm: bool) -> None:
    name = "vgg16_bn" if batch_norm else "vgg16"
    with torch.device("meta"):
        published = features_of(models.get_model(name, weights=None))
    ours = BACKBONES[name]()
    assert str(ours) == str(published)
    first = next(ours.parameters())
    assert not any(parameter.is_meta for parameter in ours.parameters())
    # He's initialisation over 64 outputs of 3x3, as VGG's; Conv2d's own would have 0.11
    assert first.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.1)


def test_one_task_is_a_single_task_network(net: MtlNet) -> None:
    single = random_net("mobilenet_v3_small", {"shape": 4}, 64, seed=1).eval()
    with torch.inference_mode():
        assert list(single(torch.zeros(1, 3, 64, 64))) == ["shape"]
    assert str(single.heads["shape"]) == str(net.heads["shape"])


def test_the_backbone_sees_images_as_its_weights_need_them() -> None:
    pixels = torch.tensor([0, 128, 255], dtype=torch.float32).reshape(1, 3, 1, 1)
    net = MtlNet("resnet18", TASKS, 32)
    assert torch.equal(net.normalise(pixels), pixels)
    net.normalise_as("imagenet")
    from torchvision import transforms  # which loads only behind torchvision_compat

    expected = transforms.functional.normalize(
        pixels / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    )
    torch.testing.assert_close(net.normalise(pixels / 127.5 - 1), expected)


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
        pytest.raises(BadInput, match="found 8, too small for vgg16, allowed: 32 or more"),
    ):
        MtlNet("vgg16", TASKS, 8)
