"""A network that begins as another one's backbone."""

from pathlib import Path

import pytest
import torch

from testbed.errors import BadInput
from testbed.model.begin_as import begin_as
from testbed.model.checkpoint import save_model
from testbed.model.mtl import MtlNet


@pytest.fixture
def before(tmp_path: Path) -> Path:
    torch.manual_seed(5)
    net = MtlNet("mobilenet_v3_small", {"shape": 4}, 32, hidden=8)
    net.normalise_as("imagenet")
    save_model(net, tmp_path / "before.safetensors", {})
    return tmp_path / "before.safetensors"


def test_it_has_the_backbone_and_heads_of_its_own_for_images_of_another_size(before: Path) -> None:
    torch.manual_seed(6)
    net = MtlNet("mobilenet_v3_small", {"digit": 10, "light": 4}, 96, hidden=8)
    own = {name: value.clone() for name, value in net.heads.state_dict().items()}
    begin_as(net, before)
    torch.manual_seed(5)
    shared = MtlNet("mobilenet_v3_small", {"shape": 4}, 32, hidden=8).shared.state_dict()
    assert all(torch.equal(net.shared.state_dict()[name], shared[name]) for name in shared)
    assert all(torch.equal(net.heads.state_dict()[name], own[name]) for name in own)
    assert (net.normalisation, net.input_px) == ("imagenet", 96)


def test_another_backbone_is_refused(before: Path) -> None:
    net = MtlNet("resnet18", {"shape": 4}, 32, hidden=8)
    with pytest.raises(BadInput, match=r"init: .*: found mobilenet_v3_small, allowed: resnet18"):
        begin_as(net, before)


def test_so_is_a_file_that_is_not_there(tmp_path: Path) -> None:
    net = MtlNet("resnet18", {"shape": 4}, 32, hidden=8)
    with pytest.raises(BadInput, match="no such file"):
        begin_as(net, tmp_path / "none.safetensors")
