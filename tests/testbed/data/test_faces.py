"""FACES: labels in the names of the pictures, and which picture is in which split."""

from itertools import product
from pathlib import Path

import pytest
from PIL import Image

from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.errors import BadInput


def add(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        Image.new("RGB", (28, 35), (200, 150, 120)).save(folder / name)
    return folder


def names_of(dataset: Dataset) -> list[str]:
    return [dataset.sample_name(index) for index in range(len(dataset))]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Folders as MTL-Split's code expects them."""
    add(tmp_path / "train", "004_o_m_a_a.jpg", "004_o_m_s_b.jpg", "140_y_f_n_a.jpg")
    add(tmp_path / "val", "168_m_f_d_a.jpg")
    return tmp_path


def test_it_is_a_dataset(published: Path) -> None:
    dataset: Dataset = open_dataset("faces", "train", path=published)
    assert (dataset.name, len(dataset)) == ("faces-train", 3)
    assert dict(dataset.tasks) == {"age": 3, "gender": 2, "expression": 6}
    assert dataset.image(0).shape == (35, 28, 3)
    assert open_dataset("faces", "train", path=published, camera_px=20).image(0).shape == (
        20,
        20,
        3,
    )


def test_a_name_holds_its_labels(published: Path) -> None:
    train = open_dataset("faces", "train", path=published)
    named = {task: names[train.labels(2)[task]] for task, names in train.class_names.items()}
    assert named == {"age": "young", "gender": "female", "expression": "neutrality"}
    test = open_dataset("faces", "test", path=published)
    assert test.labels(0) == {"age": 0, "gender": 0, "expression": 1}


def test_every_code_has_its_class(tmp_path: Path) -> None:
    codes = list(product("moy", "fm", "adfhns"))
    add(tmp_path / "train", *(f"{i:03}_{a}_{g}_{e}_a.jpg" for i, (a, g, e) in enumerate(codes)))
    add(tmp_path / "val", "001_o_m_a_a.jpg")
    dataset = open_dataset("faces", "train", path=tmp_path)
    found = [tuple(dataset.labels(index).values()) for index in range(len(codes))]
    assert found == list(product(range(3), range(2), range(6)))


def test_folders_that_are_split_are_used_as_they_are(published: Path) -> None:
    test = open_dataset("faces", "test", path=published)
    assert names_of(test) == ["168_m_f_d_a.jpg"]
    assert test.describe()["split"] == "folder val"
    assert test.describe()["published_samples"] == 410


def test_one_folder_of_all_2052_is_drawn_in_the_published_sizes(tmp_path: Path) -> None:
    every = [
        f"{person:03}_{'yom'[person % 3]}_{'fm'[person % 2]}_{expression}_{group}.jpg"
        for person, expression, group in product(range(171), "adfhns", "ab")
    ]
    for name in every:
        (tmp_path / name).touch()
    train, test = (open_dataset("faces", split, path=tmp_path) for split in ("train", "test"))
    assert (len(train), len(test)) == (1_642, 410)
    assert sorted(names_of(train) + names_of(test)) == every
    assert names_of(test) == names_of(open_dataset("faces", "test", path=tmp_path))
    assert "not published" in train.describe()["split"]


def test_other_files_are_passed_over(published: Path) -> None:
    (published / "train" / "licence.txt").write_text("no picture")
    assert len(open_dataset("faces", "train", path=published)) == 3


@pytest.mark.parametrize(
    "name", ["holiday.jpg", "004_o_m_x_a.jpg", "004_o_m_a.jpg", "x_o_m_a_a.jpg"]
)
def test_a_picture_of_something_else(published: Path, name: str) -> None:
    add(published / "train", name)
    with pytest.raises(BadInput, match=f"{name}: found another name, allowed: <person>_<age"):
        open_dataset("faces", "train", path=published)


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="absent: found nothing, allowed: a folder of FACES"):
        open_dataset("faces", "test", path=tmp_path / "absent")
    with pytest.raises(BadInput, match="found no picture, allowed: those of FACES"):
        open_dataset("faces", "test", path=tmp_path)


def test_too_few_to_draw_from(tmp_path: Path) -> None:
    add(tmp_path, "004_o_m_a_a.jpg")
    with pytest.raises(BadInput, match="found 1 pictures, allowed: at least 5"):
        open_dataset("faces", "test", path=tmp_path)


def test_a_picture_cut_short_is_named(published: Path) -> None:
    file = published / "val" / "168_m_f_d_a.jpg"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BadInput, match=r"168_m_f_d_a.jpg: found .*, allowed: a picture"):
        open_dataset("faces", "test", path=published).image(0)
