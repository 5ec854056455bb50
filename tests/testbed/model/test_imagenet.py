"""ImageNet weights by torchvision's own interface, from a file in place of its server."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision.models import Weights, WeightsEnum
from torchvision.transforms import functional

from testbed.errors import BadInput
from testbed.model.checkpoint import identify, load_model, random_net
from testbed.model.imagenet import IN_PACKAGES, imagenet_file, load_imagenet
from testbed.model.mtl import BACKBONES, MtlNet, features_of
from testbed.model.normalise import to_input
from testbed.model.torchvision_compat import models

TASKS = {"scale": 8}
SMALL = ("mobilenet_v3_small", "efficientnet_b0", "resnet18")


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torch's folder of downloads, empty."""
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    return tmp_path / "hub" / "checkpoints"


def serve(
    state: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, digest: str | None = None
) -> Path:
    """Publish a state dict under a name with its hash; every backbone's weights are there now."""
    content = io.BytesIO()
    torch.save(state, content)
    digest = digest or hashlib.sha256(content.getvalue()).hexdigest()[:8]
    file = folder / f"net-{digest}.pth"
    file.write_bytes(content.getvalue())

    class Local(WeightsEnum):  # type: ignore[misc]  # torchvision has no types
        IMAGENET1K_V1 = Weights(file.as_uri(), functional.to_tensor, {})

    monkeypatch.setattr(models, "get_model_weights", lambda name: Local)
    return file


def published(backbone: str, seed: int = 3) -> torch.nn.Module:
    """A classifier as torchvision would publish it, with statistics unlike the initial ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        whole: torch.nn.Module = models.get_model(backbone, weights=None).eval()
        for name, buffer in whole.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(std=0.1)
    return whole


def refused(backbone: str = "resnet18") -> str:
    with pytest.raises(BadInput) as caught:
        load_imagenet(MtlNet(backbone, TASKS, 32))
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("backbone", SMALL)
def test_the_backbone_is_the_published_one_on_images_as_it_knows_them(
    backbone: str, tmp_path: Path, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = published(backbone)
    served = serve(whole.state_dict(), tmp_path, monkeypatch)
    net = random_net(backbone, TASKS, 64, seed=1).eval()
    heads = {name: value.clone() for name, value in net.heads.state_dict().items()}
    load_imagenet(net)
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    theirs = functional.normalize(
        functional.to_tensor(image), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    )[None]
    with torch.inference_mode():
        torch.testing.assert_close(net.head(to_input(image[None])), features_of(whole)(theirs))
    assert all(torch.equal(heads[name], now) for name, now in net.heads.state_dict().items())
    assert net.normalisation == "imagenet"
    assert (hub / served.name).read_bytes() == served.read_bytes()


def test_both_halves_get_the_same_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(published("resnet18").state_dict(), tmp_path, monkeypatch)
    one, two = (load_model("imagenet", "resnet18", TASKS, 64, seed=5) for _ in range(2))
    assert one[1] == two[1] != identify(random_net("resnet18", TASKS, 64, seed=5))


@pytest.mark.parametrize("backbone", sorted(BACKBONES.keys() - IN_PACKAGES.keys()))
def test_every_backbone_of_torchvision_has_weights_with_a_hash_in_their_name(
    backbone: str, hub: Path
) -> None:
    file = imagenet_file(backbone)
    assert file.parent == hub
    assert re.search(r"-[0-9a-f]{8,}\.pth$", file.name)


def test_without_a_network_the_line_says_what_and_where(
    tmp_path: Path, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve({}, tmp_path, monkeypatch)
    served.unlink()
    line = refused()
    assert line.startswith(f"weights: imagenet: {served.as_uri()} cannot be had (")
    assert line.endswith(f"allowed: that file as {hub / served.name}, or weights: random")


def test_a_damaged_download(tmp_path: Path, hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve({}, tmp_path, monkeypatch, digest="0123abcd")
    assert 'invalid hash value (expected "0123abcd"' in refused()
    assert list(hub.iterdir()) == []


def test_a_damaged_file_that_somebody_put_there(
    tmp_path: Path, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(published("resnet18").state_dict(), tmp_path, monkeypatch)
    hub.mkdir(parents=True)
    (hub / served.name).write_bytes(served.read_bytes()[:-100])
    line = refused()
    assert line.startswith(f"weights: {hub / served.name}: damaged: its sha256 begins with ")
    assert served.as_uri() in line


def test_a_file_that_would_run_code_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve({"x": Path("a pickled object of any class")}, tmp_path, monkeypatch)
    assert "cannot be had (Weights only load failed" in refused()


def test_tensors_of_another_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(published("mobilenet_v3_small").state_dict(), tmp_path, monkeypatch)
    assert "its tensors are not those of resnet18, allowed: file://" in refused()
