"""Judgements are kept, and found again only where everything they depend on is the same."""

from pathlib import Path

import pytest

from testbed.choice import table
from testbed.choice.judge import Judgement
from testbed.config.deployments import DeploymentEntry, Split, SplitSection
from testbed.config.scenario import ModelSection
from testbed.data.catalog import DATASETS, open_dataset
from testbed.model.torch_network import TorchNetwork

ENTRIES: list[DeploymentEntry] = ["local", Split(split=SplitSection(codec="fp16"))]


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    section = ModelSection(backbone="mobilenet_v3_small", weights="random", input_px=32)
    return TorchNetwork.load(section, DATASETS["shapes3d"], 0, threads=1)


def made(
    network: TorchNetwork, folder: Path, images: int = 5, camera_px: int = 32
) -> tuple[list[Judgement], int]:
    """The table, and how many images had to be judged for it."""
    dataset = open_dataset("shapes3d", "test", tasks=("scale", "shape"), camera_px=camera_px)
    done: list[int] = []
    found = table.table_of(network, ENTRIES, dataset, images, done.append, folder)
    return found, sum(done)


def test_what_was_judged_is_found_again_to_the_last_digit(
    network: TorchNetwork, tmp_path: Path
) -> None:
    first, judged = made(network, tmp_path)
    again, judged_again = made(network, tmp_path)
    assert (judged, judged_again) == (5, 0)
    assert again == first


def test_other_images_another_camera_and_another_folder_are_judged_anew(
    network: TorchNetwork, tmp_path: Path
) -> None:
    made(network, tmp_path)
    assert made(network, tmp_path, images=6)[1] == 6
    assert made(network, tmp_path, camera_px=40)[1] == 5
    assert made(network, tmp_path / "other")[1] == 5


def test_a_damaged_file_is_made_again(network: TorchNetwork, tmp_path: Path) -> None:
    made(network, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text()[:-20])
    assert made(network, tmp_path)[1] == 5
    assert made(network, tmp_path)[1] == 0


def test_few_images_are_drawn_alike_and_many_are_all() -> None:
    assert table._drawn(5, None) == table._drawn(5, 9) == [0, 1, 2, 3, 4]
    drawn = table._drawn(1000, 10)
    assert drawn == table._drawn(1000, 10) == sorted(set(drawn))
