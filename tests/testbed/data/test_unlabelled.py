"""The user's own pictures, good and bad."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from testbed.data.dataset import Dataset
from testbed.data.unlabelled import PictureFolder
from testbed.errors import BadInput

RED, BLUE = (200, 10, 10), (10, 10, 200)


def save(file: Path, size: tuple[int, int] = (40, 30), exif: Image.Exif | None = None) -> Path:
    """A picture, red on its left half and blue on its right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    picture.save(file, exif=exif or Image.Exif())
    return file


def test_pictures_come_in_order_of_name_as_squares(tmp_path: Path) -> None:
    for name in ("c.webp", "a.JPG", "b.png"):
        save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    dataset: Dataset = PictureFolder(tmp_path, camera_px=24)
    assert [dataset.sample_name(i) for i in range(len(dataset))] == ["a.JPG", "b.png", "c.webp"]
    assert {dataset.image(i).shape for i in range(3)} == {(24, 24, 3)}
    assert (dataset.labels(0), dict(dataset.tasks)) == ({}, {})


def test_the_crop_is_central(tmp_path: Path) -> None:
    save(tmp_path / "wide.png", (90, 30))
    image = PictureFolder(tmp_path, camera_px=30).image(0)
    assert tuple(image[15, 14]) == RED
    assert tuple(image[15, 15]) == BLUE


def test_small_pictures_are_enlarged(tmp_path: Path) -> None:
    save(tmp_path / "small.png", (4, 4))
    assert PictureFolder(tmp_path, camera_px=50).image(0).shape == (50, 50, 3)


def test_pictures_are_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise: the left half comes on top
    save(tmp_path / "turned.jpg", exif=exif)
    image = PictureFolder(tmp_path, camera_px=30).image(0)
    assert image[2, 15].argmax() == 0
    assert image[27, 15].argmax() == 2


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_other_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (20, 20)).save(tmp_path / "other.png")
    image = PictureFolder(tmp_path, camera_px=8).image(0)
    assert (image.shape, image.dtype) == ((8, 8, 3), np.dtype(np.uint8))


def test_unreadable_files_are_skipped_and_named(tmp_path: Path) -> None:
    save(tmp_path / "good.jpg")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    whole = save(tmp_path / "whole.jpg", (400, 400)).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    dataset = PictureFolder(tmp_path, camera_px=8)
    assert len(dataset) == 2
    assert [line.partition(": ")[0] for line in dataset.skipped] == [
        "cut.jpg",
        "empty.jpg",
        "folder.jpg",
        "text.png",
    ]
    described = dataset.describe()
    assert len(described["skipped"]) == 4
    assert str(tmp_path) not in str(described)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("no picture")
    with pytest.raises(BadInput, match=r"1 skipped; first: broken.png: .*allowed: at least one"):
        PictureFolder(tmp_path)


@pytest.mark.parametrize(("name", "found"), [("absent", "nothing"), ("file.png", "a file")])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, found: str) -> None:
    save(tmp_path / "file.png")
    with pytest.raises(BadInput, match=f"found {found}, allowed: a folder of pictures"):
        PictureFolder(tmp_path / name)


def test_a_camera_has_a_size(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    with pytest.raises(BadInput, match="camera_px: found 16x0"):
        PictureFolder(tmp_path, camera_px=(16, 0))
    with pytest.raises(BadInput, match="camera_px: found 0"):
        PictureFolder(tmp_path, camera_px=0)


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    file = save(tmp_path / "a.png")
    dataset = PictureFolder(tmp_path)
    file.unlink()
    with pytest.raises(BadInput, match=r"a\.png: found No such file"):
        dataset.image(0)


def test_a_sample_outside_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    with pytest.raises(IndexError, match=r"allowed is 0\.\.0"):
        PictureFolder(tmp_path).labels(1)
