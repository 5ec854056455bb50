"""The user's own pictures with labels, as a data set."""

from pathlib import Path

import pytest
from PIL import Image

from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.errors import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = ["file,task,class"]
    (tmp_path / "more").mkdir()
    for number in range(10):
        name = f"more/{number}.jpg" if number % 2 else f"{number}.png"
        Image.new("RGB", (30, 20), (200, 0, 0) if number < 5 else (0, 0, 200)).save(tmp_path / name)
        lines += [
            f"{name},colour,{'red' if number < 5 else 'blue'}",
            f"{name},kind,{'jpeg' if number % 2 else 'png'}",
        ]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    return tmp_path


def test_it_is_a_dataset(folder: Path) -> None:
    train: Dataset = open_dataset("folder", "train", path=folder)
    test: Dataset = open_dataset("folder", "test", path=folder, camera_px=(32, 18))
    assert (train.name, len(train), len(test)) == ("folder-train", 8, 2)
    assert dict(train.tasks) == {"colour": 2, "kind": 2}
    assert train.class_names["colour"] == ("blue", "red")
    assert train.image(0).shape == (20, 30, 3)
    assert test.image(0).shape == (18, 32, 3)
    described = test.describe()
    assert described["folder"] == folder.name
    assert described["split"] == "one in five, drawn by name"


def test_a_picture_has_its_own_labels(folder: Path) -> None:
    for split in ("train", "test"):
        dataset = open_dataset("folder", split, path=folder)
        for index in range(len(dataset)):
            labels, pixel = dataset.labels(index), dataset.image(index)[10, 10].astype(int)
            assert dataset.class_names["colour"][labels["colour"]] == (
                "red" if pixel[0] > pixel[2] else "blue"
            )
            suffix = "jpg" if labels["kind"] == 0 else "png"
            assert dataset.sample_name(index).endswith(suffix)


def test_some_of_its_tasks_in_another_order(folder: Path) -> None:
    dataset = open_dataset("folder", "test", path=folder, tasks=["kind"])
    assert list(dataset.labels(0)) == ["kind"]
    with pytest.raises(BadInput, match=r"found age, allowed for folder: colour \(2\), kind \(2\)"):
        open_dataset("folder", "test", path=folder, tasks=["age"])


def test_a_picture_that_is_none_is_named(folder: Path) -> None:
    dataset = open_dataset("folder", "train", path=folder)
    (folder / dataset.sample_name(0)).unlink(missing_ok=True)
    (folder / "more" / dataset.sample_name(0)).unlink(missing_ok=True)
    with pytest.raises(BadInput, match=r"folder-train: .*No such file"):
        dataset.image(0)
