"""MEDIC's split files and pictures, small ones in the released layout."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.errors import BadInput
from testbed.training.batches import load_arrays

HEADER = "image_id event_name image_path damage_severity informative humanitarian disaster_types"
ROWS = (
    ("a1", "nepal", "data/aidr/a1.jpg", "severe", "informative", "x", "earthquake"),
    ("a2", "nepal", "data/aidr/a2.jpg", "little_or_none", "not_informative", "x", "not_disaster"),
    ("a3", "irma", "data/crisismmd/a3.png", "mild", "informative", "x", "hurricane"),
    ("a4", "irma", "data/crisismmd/a4.jpg", "mild", "informative", "x", "other_disaster"),
    ("a5", "irma", "data/crisismmd/a5.jpg", "little_or_none", "informative", "x", "landslide"),
)


def write_table(file: Path, rows: tuple[tuple[str, ...], ...], header: str = HEADER) -> None:
    lines = [header.split(), *rows]
    file.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_table(tmp_path / "MEDIC_train.tsv", ROWS[:1])
    write_table(tmp_path / "MEDIC_test.tsv", ROWS)
    for number, row in enumerate(ROWS):
        file = tmp_path / row[2]
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 20), (50 * number, 10, 10)).save(file, quality=95)
    return tmp_path


def test_it_is_a_dataset_without_the_rows_that_are_no_certain_disaster(folder: Path) -> None:
    dataset: Dataset = open_dataset("medic", "test", path=folder)
    assert (dataset.name, len(dataset)) == ("medic-test", 3)
    assert [dataset.sample_name(i) for i in range(3)] == ["a1.jpg", "a3.png", "a5.jpg"]
    assert dict(dataset.tasks) == {"damage_severity": 3, "disaster_types": 5}
    assert len(open_dataset("medic", "train", path=folder)) == 1


def test_classes_are_numbered_as_published(folder: Path) -> None:
    dataset = open_dataset("medic", "test", path=folder)
    assert [dataset.labels(i) for i in range(3)] == [
        {"damage_severity": 2, "disaster_types": 0},
        {"damage_severity": 1, "disaster_types": 3},
        {"damage_severity": 0, "disaster_types": 4},
    ]
    for names in dataset.class_names.values():
        assert list(names) == sorted(names)


def test_pictures_come_as_they_are_or_squeezed_into_the_camera_s_square(folder: Path) -> None:
    assert open_dataset("medic", "test", path=folder).image(0).shape == (20, 40, 3)
    squeezed = open_dataset("medic", "test", path=folder, camera_px=24).image(1)
    assert squeezed.shape == (24, 24, 3)
    assert (squeezed == (100, 10, 10)).all()


def test_arrays(folder: Path) -> None:
    arrays = load_arrays(open_dataset("medic", "test", path=folder), [2, 0], 16)
    assert arrays.images.shape == (2, 16, 16, 3)
    assert arrays.labels["disaster_types"].tolist() == [4, 0]


def test_what_was_used_is_said_beside_the_published_count(folder: Path) -> None:
    described = open_dataset("medic", "test", path=folder).describe()
    assert (described["samples"], described["published_samples"]) == (3, 5_649)
    assert described["split_file"] == "MEDIC_test.tsv"
    assert str(folder) not in str(described)


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"MEDIC_test.tsv: found nothing, allowed: a folder with"):
        open_dataset("medic", "test", path=tmp_path)


def test_a_missing_column(folder: Path) -> None:
    write_table(folder / "MEDIC_test.tsv", ROWS, HEADER.replace("image_path", "path"))
    with pytest.raises(BadInput, match="found no column image_path, allowed: tab-separated"):
        open_dataset("medic", "test", path=folder)


def test_commas_for_tabs(folder: Path) -> None:
    (folder / "MEDIC_test.tsv").write_text(HEADER.replace(" ", ","))
    with pytest.raises(BadInput, match="found no column image_path, damage_severity"):
        open_dataset("medic", "test", path=folder)


def test_an_unknown_class_and_a_row_cut_short(folder: Path) -> None:
    table = folder / "MEDIC_test.tsv"
    write_table(table, (ROWS[0], (*ROWS[2][:6], "meteorite")))
    with pytest.raises(BadInput, match="line 3: disaster_types: found 'meteorite', allowed: earth"):
        open_dataset("medic", "test", path=folder)
    write_table(table, (ROWS[0], ROWS[2][:4]))
    with pytest.raises(BadInput, match="line 3: disaster_types: found nothing"):
        open_dataset("medic", "test", path=folder)


def test_what_is_no_text(folder: Path) -> None:
    (folder / "MEDIC_test.tsv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BadInput, match="not UTF-8 text, allowed: tab-separated text"):
        open_dataset("medic", "test", path=folder)


def test_no_disaster_at_all(folder: Path) -> None:
    write_table(folder / "MEDIC_test.tsv", (ROWS[1],))
    with pytest.raises(BadInput, match="found no disaster among its rows"):
        open_dataset("medic", "test", path=folder)


def test_a_missing_picture_is_found_at_the_start(folder: Path) -> None:
    (folder / ROWS[2][2]).unlink()
    with pytest.raises(BadInput, match=r"a3.png: found nothing, .*\(1 of 3 missing\)"):
        open_dataset("medic", "test", path=folder)


def test_a_damaged_picture_is_named(folder: Path) -> None:
    (folder / ROWS[2][2]).write_bytes(b"no picture")
    dataset = open_dataset("medic", "test", path=folder)
    assert np.asarray(dataset.image(0)).any()
    with pytest.raises(
        BadInput, match=r"a3.png: found no picture Pillow knows, allowed: a picture"
    ):
        dataset.image(1)


def test_a_camera_has_a_size(folder: Path) -> None:
    with pytest.raises(BadInput, match="camera_px at least 1"):
        open_dataset("medic", "test", path=folder, camera_px=0)
