"""Judgements are kept, and found again only where everything they depend on is the same."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from testbed.choice import table
from testbed.choice.candidates import candidates
from testbed.choice.judge import Judgement, judge
from testbed.choice.subject import network_of
from testbed.config.deployments import DeploymentEntry, Split, SplitSection
from testbed.config.scenario import ModelSection
from testbed.config.scenario_file import load_scenario
from testbed.data.catalog import DATASETS, open_dataset
from testbed.data.dataset import Dataset
from testbed.halves.workload import load_dataset
from testbed.model.torch_network import TorchNetwork
from testbed.points.code import made_by

ENTRIES: list[DeploymentEntry] = ["local", Split(split=SplitSection(codec="fp16"))]
LOSSLESS = Split(split=SplitSection(codec="fp32"))
SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    section = ModelSection(backbone="mobilenet_v3_small", weights="random", input_px=32)
    return TorchNetwork.load(section, DATASETS["shapes3d"], 0, threads=1)


def made(
    network: TorchNetwork,
    folder: Path,
    images: int = 5,
    camera_px: int = 32,
    entries: Sequence[DeploymentEntry] = ENTRIES,
) -> tuple[list[Judgement], int]:
    """The table, and how many images had to be judged for it."""
    done: list[int] = []
    found = table.table_of(network, entries, seen_by(camera_px), images, done.append, folder)
    return found, sum(done)


def seen_by(camera_px: int = 32) -> Dataset:
    return open_dataset("shapes3d", "test", tasks=("scale", "shape"), camera_px=camera_px)


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


def test_only_what_is_missing_is_judged_and_the_others_stay(
    network: TorchNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []

    def told(network: Any, deployments: Any, *rest: Any) -> list[Judgement]:
        judged.extend(one.name for one in deployments)
        return judge(network, deployments, *rest)

    monkeypatch.setattr(table, "judge", told)
    first, _ = made(network, tmp_path)
    more, _ = made(network, tmp_path, entries=[*ENTRIES, LOSSLESS])
    assert judged == ["local", "split-fp16", "split-fp32"]
    assert more[:2] == first
    assert made(network, tmp_path, entries=[LOSSLESS, *ENTRIES])[0] == [more[2], *first]
    assert len(list(tmp_path.iterdir())) == 1


def test_what_ships_is_found_with_packages_of_any_version_and_what_is_kept_is_not(
    network: TorchNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(network, tmp_path / "kept")
    assert made(network, tmp_path / "kept")[1] == 0
    monkeypatch.setattr(table, "made_by", other_versions)
    monkeypatch.setattr(table, "SHIPPED", tmp_path / "kept")
    assert made(network, tmp_path / "other")[1] == 0
    assert not (tmp_path / "other").exists()
    monkeypatch.setattr(table, "SHIPPED", tmp_path / "nothing")
    assert made(network, tmp_path / "kept")[1] == 5


def other_versions(*entries: str, without: tuple[str, ...] = ()) -> dict[str, str]:
    return dict(made_by(*entries, without=without)) | {"numpy": "0"}


def test_a_choice_takes_as_many_images_as_ship(
    network: TorchNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "SHIPPED", tmp_path)
    assert table.images_for(network, seen_by(), None) == table.USUAL
    made(network, tmp_path, images=5)
    made(network, tmp_path, images=7)
    assert table.images_for(network, seen_by(), None) == 7
    assert table.images_for(network, seen_by(), 3) == 3
    assert table.images_for(network, seen_by(40), None) == table.USUAL


@pytest.mark.parametrize("name", ["lte", "gigabit", "subway-3g"])
def test_what_ships_is_of_this_code_and_of_every_candidate_of_the_scenarios(
    name: str, tmp_path: Path
) -> None:
    """Else: `testbed codecs scenarios/lte.yaml --images 2000 --keep-in
    testbed/model/bundled/codecs`, in place of the file that is there.
    """
    scenario = load_scenario(SCENARIOS / f"{name}.yaml")
    network, dataset = network_of(scenario), load_dataset(scenario)
    images = table.images_for(network, dataset, None)
    assert images > table.USUAL
    entries = candidates(network, min(dataset.image(0).shape[:2]))
    judged: list[int] = []
    found = table.table_of(network, entries, dataset, images, judged.append, tmp_path)
    assert not judged
    assert {one.images for one in found} == {images}
    assert len({one.name for one in found}) == len(entries)


def test_few_images_are_drawn_alike_and_many_are_all() -> None:
    assert table._drawn(5, 9) == [0, 1, 2, 3, 4]
    drawn = table._drawn(1000, 10)
    assert drawn == table._drawn(1000, 10) == sorted(set(drawn))
