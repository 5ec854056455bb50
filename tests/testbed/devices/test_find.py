"""Devices by name, and files of one's own with their mistakes."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from testbed.devices import find
from testbed.devices.find import check_devices, find_device, known_blocks, shipped
from testbed.devices.published import PublishedFile, scales_of, used_figures
from testbed.errors import BadInput
from testbed.model.load import NullNetwork
from testbed.model.mtl import BACKBONES, MtlNet
from tests.testbed import synthetic
from tests.testbed.devices import made_up


def write(folder: Path, tree: dict[str, Any]) -> str:
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump(tree))
    return str(file)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_device_can_be_used_with_every_backbone(name: str) -> None:
    device = find_device(name)
    assert device.name == name == device.file.name
    for backbone in BACKBONES:
        assert device.backbone(backbone).blocks
    for scale in device.scales.values():
        assert 0 < scale.lowest <= scale.times <= scale.highest
    if isinstance(device.file, PublishedFile):
        assert len({figure.precision for figure in used_figures(device.file)}) <= 1


@pytest.mark.parametrize("backbone", BACKBONES)
def test_blocks_are_known_without_the_network(backbone: str) -> None:
    with torch.device("meta"):  # names without the cost of weights
        net = MtlNet(backbone, {"shape": 4}, 32)
    assert known_blocks(backbone) == ("resize", *net.blocks)


def test_the_null_network_s_blocks_are_its_own_and_others_are_unknown() -> None:
    assert known_blocks("null") == NullNetwork.blocks
    assert known_blocks("lenet") == ()


def test_devices_come_in_the_order_that_they_have_in_the_world() -> None:
    order = ["galaxy-s24-npu", "desktop-core", "jetson-orin-nano", "raspberry-pi-5"]
    order += ["jetson-nano"]
    times = [find_device(name).scales["compute"].times for name in order]
    assert times == sorted(times)
    assert find_device("raspberry-pi-4").scales["compute"].times > times[-2]


@pytest.mark.parametrize(
    ("wrong", "near"), [("raspbery-pi-4", "raspberry-pi-4"), ("jetson-nona", "jetson-nano")]
)
def test_an_unknown_name_gets_the_nearest_word(wrong: str, near: str) -> None:
    with pytest.raises(BadInput) as caught:
        find_device(wrong)
    assert str(caught.value).startswith(f"device: found {wrong} (did you mean {near}?), allowed: h")


def test_a_file_of_ones_own_is_a_device(tmp_path: Path) -> None:
    file = write(tmp_path, made_up.tree())
    assert find_device(file).scales["compute"].times == 1


def test_figures_compare_with_the_reference(tmp_path: Path) -> None:
    file = write(tmp_path, made_up.published(like="reference"))
    device = find_device(file)
    networks = find_device("reference").tables.networks
    ratios = [0.04 / networks["mobilenet_v1"][0][1], 0.4 / networks["resnet50"][0][1]]
    scale = device.scales["compute"]
    assert (scale.lowest, scale.highest) == (min(ratios), max(ratios))
    assert scale.times == pytest.approx(sum(ratios) / 2)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"kind": "guessed"}, "kind: found 'guessed', allowed: measured, published"),
        ({"kind": []}, r"kind: found \[\], allowed: measured, published"),
        (made_up.tree(colour="red"), "colour: unknown key"),
        (made_up.tree(spread=[[0.0, 0.9]]), "spread.*allowed: at least one"),
        (made_up.tree(spread=[[0.0, 0.9], [0.5, 1.0]]), "allowed: shares from 0 to 1"),
        (made_up.tree(codecs={}), "codecs: avif missing, allowed: raw"),
        (made_up.tree(transport=[[2.0, 1.0], [1.0, 1.0]]), "transport: .*sizes growing"),
        (made_up.tree(transport=[[2.0, -1.0]]), "transport.0.1: found -1.0, allowed"),
        (made_up.published(figures=[]), "allowed: figures, or scales.compute"),
        (made_up.published(like="nowhere"), "device: found nowhere"),
        (made_up.published(like="pixel"), "like: found pixel, allowed: a measured device"),
        (
            made_up.published(
                like="reference",
                figures=[
                    {
                        "network": "alexnet",
                        "input_px": 224,
                        "precision": "float32",
                        "seconds": 1.0,
                        "basis": "published",
                        "source": "a page",
                    }
                ],
            ),
            "figures: found alexnet at 224, allowed: mobilenet_v1 at 224",
        ),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, tree: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        find_device(write(tmp_path, tree))
    assert "\n" not in str(caught.value)


def test_a_device_whose_networks_take_no_time_compares_with_nothing() -> None:
    networks = {name: [[224.0, 0.0]] for name in ("mobilenet_v1", "resnet50")}
    file = PublishedFile.model_validate(made_up.published())
    with pytest.raises(BadInput, match="x: like: found mobilenet_v1 in 0 s there, allowed: above"):
        scales_of(file, made_up.measured(networks=networks), "x")


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(made_up.tree()) + "kind: published\n")
    with pytest.raises(
        BadInput, match=r"line \d+: found key kind twice, first in line \d+, allowed"
    ):
        find_device(str(file))


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file, allowed: a device's file"):
        find_device(str(tmp_path / "none.yaml"))


def test_all_shipped_files_are_package_data() -> None:
    assert {file.suffix for file in find.FOLDER.iterdir()} == {".yaml"}


def test_a_slowdown_is_said_not_to_travel() -> None:
    assert check_devices(synthetic.scenario(edge={"slowdown": 8})).startswith("edge.slowdown 8 mul")
    assert check_devices(synthetic.scenario()) == ""


def test_devices_are_checked_before_anything_runs() -> None:
    with pytest.raises(BadInput, match=r"device pixel: found model\.backbone null, allowed: mob"):
        check_devices(synthetic.scenario(edge={"device": "pixel"}, model={"backbone": "null"}))
