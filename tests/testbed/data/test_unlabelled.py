"""The user's own pictures, good and bad."""

import os
import struct
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from testbed.data.dataset import Dataset
from testbed.data.photos import open_upright
from testbed.data.unlabelled import PictureFolder, unused
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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_that_of_pillow(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4) * 20)
    picture.save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    assert open_upright(tmp_path / "turned.png").tobytes() == upright.tobytes()


def with_exif(file: Path, *entries: bytes) -> None:
    """A JPEG that is to be turned a quarter clockwise, and has other entries in its EXIF."""
    turned = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    directory = struct.pack("<H", 1 + len(entries)) + turned + b"".join(entries) + bytes(4)
    save(file)
    with Image.open(file) as picture:
        picture.save(file, exif=b"Exif\0\0II*\0" + struct.pack("<I", 8) + directory)


@pytest.mark.parametrize(
    "entries",
    [
        [struct.pack("<HHI4s", 0x011A, 2, 4, b"72\0\0")],  # a resolution that is text
        [struct.pack("<HHII", 0x8769, 4, 1, 0xFFFFFF00)],  # a directory beyond the end
        [struct.pack("<HHII", 0x9286, 7, 0x7FFFFFFF, 8)],  # a comment of 2 GB
        [struct.pack("<HHI4s", 0x8769, 2, 4, b"abc\0")],  # a directory that is text
    ],
)
def test_odd_metadata_leave_the_picture_usable_and_upright(
    tmp_path: Path, entries: list[bytes]
) -> None:
    with_exif(tmp_path / "odd.jpg", *entries)
    dataset = PictureFolder(tmp_path, camera_px=30)
    assert dataset.skipped == []
    assert dataset.image(0)[2, 15].argmax() == 0
    assert dataset.image(0)[27, 15].argmax() == 2


@pytest.mark.parametrize("orientation", [b"\x02\x00\x02\x00\x00\x006\x00\x00\x00", b"?"])
def test_an_orientation_that_is_none_turns_nothing(tmp_path: Path, orientation: bytes) -> None:
    save(tmp_path / "odd.jpg")
    with Image.open(tmp_path / "odd.jpg") as picture:
        directory = struct.pack("<HH", 1, 0x0112) + orientation
        picture.save(tmp_path / "odd.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0" + directory)
    image = PictureFolder(tmp_path, camera_px=30).image(0)
    assert image[15, 2].argmax() == 0


def test_grey_of_16_bits_is_scaled(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint16)[np.newaxis].repeat(256, 0) * 257
    Image.fromarray(grey).save(tmp_path / "deep.png")
    image = PictureFolder(tmp_path, camera_px=256).image(0)
    assert np.array_equal(
        image, np.arange(256)[np.newaxis, :, np.newaxis].repeat(256, 0).repeat(3, 2)
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L"])
def test_what_is_transparent_is_white(tmp_path: Path, mode: str) -> None:
    """A left half that is to be seen through, and a right half of 100 that is not."""
    picture = Image.new("LA", (20, 20), (0, 0))
    picture.paste((100, 255), (10, 0, 20, 20))
    if mode in ("RGB", "L"):
        picture.convert(mode).save(
            tmp_path / "x.png", transparency=(0,) * len(mode) if mode == "RGB" else 0
        )
    else:
        picture.convert("RGBA").convert(mode).save(tmp_path / "x.png")
    image = PictureFolder(tmp_path, camera_px=20).image(0)
    assert (image[:, :10] == 255).all()
    assert (abs(image[:, 10:].astype(int) - 100) <= 3).all()


def test_half_transparent_is_half_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 100, 200, 128)).save(tmp_path / "x.png")
    pixel = PictureFolder(tmp_path, camera_px=8).image(0)[4, 4]
    assert pixel.tolist() == [127, 177, 227]


def test_cmyk_of_print_has_its_colours(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), RED).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    pixel = PictureFolder(tmp_path, camera_px=8).image(0)[4, 4].astype(int)
    assert abs(pixel - RED).max() < 8


@pytest.mark.parametrize("suffix", ["webp", "png"])
def test_of_an_animation_the_first_picture_is_taken(tmp_path: Path, suffix: str) -> None:
    first, second = (Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE))
    first.save(tmp_path / f"moving.{suffix}", save_all=True, append_images=[second], lossless=True)
    pixel = PictureFolder(tmp_path, camera_px=8).image(0)[4, 4].astype(int)
    assert abs(pixel - RED).max() < 8


@pytest.mark.parametrize("kind", ["GIF", "BMP", "PNG", "JPEG"])
def test_a_picture_of_another_kind_than_its_name_says_is_used(tmp_path: Path, kind: str) -> None:
    with (tmp_path / "x.webp").open("wb") as file:
        Image.new("RGB", (16, 16), RED).save(file, format=kind)
    pixel = PictureFolder(tmp_path, camera_px=8).image(0)[4, 4].astype(int)
    assert abs(pixel - RED).max() < 8


def test_what_is_no_picture_is_skipped_with_a_reason(tmp_path: Path) -> None:
    whole = save(tmp_path / "good.jpg").read_bytes()
    (tmp_path / "behind.jpg").write_bytes(whole + bytes(10_000))  # as phones put films there
    (tmp_path / "._good.jpg").write_bytes(b"\0\x05\x16\x07" + bytes(100))
    (tmp_path / "dangling.jpg").symlink_to("nowhere")
    (tmp_path / "linked.jpg").symlink_to("good.jpg")
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    for suffix in ("jpg", "png", "webp"):
        content = save(tmp_path / f"cut.{suffix}", (300, 300)).read_bytes()
        (tmp_path / f"cut.{suffix}").write_bytes(content[:-40])
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"no picture")
    (tmp_path / os.fsdecode(b"th\xe9.jpg")).write_bytes(whole)
    dataset = PictureFolder(tmp_path, camera_px=8)
    used = [dataset.sample_name(number) for number in range(len(dataset))]
    assert used == ["behind.jpg", "good.jpg", "linked.jpg", "th\\xe9.jpg"]
    skipped = dict(line.split(": ", 1) for line in dataset.skipped)
    assert skipped.keys() == {
        *("._good.jpg", "dangling.jpg", "empty.png", "pipe.jpg", "caf\\xe9.jpg"),
        *("cut.jpg", "cut.png", "cut.webp"),
    }
    assert skipped["._good.jpg"] == "made by macOS, beside the picture itself"
    assert skipped["dangling.jpg"] == "a link to nothing"
    assert skipped["empty.png"] == "empty"
    assert skipped["pipe.jpg"] == "no file"
    assert unused(dataset.describe()) == (
        "images: not used: ._good.jpg: made by macOS, beside the picture itself "
        "(and 7 more, in link.json)"
    )


def broken_inside(file: Path) -> None:
    """A picture whose beginning and end are whole."""
    gradient = np.indices((200, 200, 3)).sum(0).astype(np.uint8)
    Image.fromarray(gradient).save(file)
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 100] = b"\xff" * 100
    file.write_bytes(content)
    with (
        pytest.raises(OSError, match=r"broken|unrecognized|truncated"),
        Image.open(file) as picture,
    ):
        picture.load()


def test_damage_that_shows_late_is_skipped_and_the_next_stands_in(tmp_path: Path) -> None:
    for name in ("b.png", "d.png"):
        broken_inside(tmp_path / name)
    save(tmp_path / "a.png")
    Image.new("RGB", (8, 8), BLUE).save(tmp_path / "c.png")
    dataset = PictureFolder(tmp_path, camera_px=8)
    assert (len(dataset), dataset.skipped) == (4, [])
    pictures = [dataset.image(number) for number in range(4)]
    assert pictures[1].tolist() == pictures[2].tolist()  # c for b
    assert pictures[3].tolist() == pictures[0].tolist()  # a for d
    assert [dataset.sample_name(n) for n in range(4)] == ["a.png", "c.png", "c.png", "a.png"]
    assert [line.partition(": ")[0] for line in dataset.describe()["skipped"]] == ["b.png", "d.png"]
    dataset.image(1)
    assert len(dataset.skipped) == 2


def test_where_all_are_damaged_the_last_one_is_named(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        broken_inside(tmp_path / name)
    dataset = PictureFolder(tmp_path, camera_px=8)
    with pytest.raises(BadInput, match=r"b\.png: found .*, allowed: a picture"):
        dataset.image(0)


@pytest.mark.parametrize("name", ["photo.HEIC", "scan.tiff", "moving.gif"])
def test_pictures_of_other_kinds_are_not_passed_over_in_silence(tmp_path: Path, name: str) -> None:
    save(tmp_path / "good.jpg")
    (tmp_path / name).write_bytes(b"something")
    (tmp_path / "labels.csv").touch()
    assert PictureFolder(tmp_path).skipped == [f"{name}: no JPEG, PNG or WebP file"]


def test_thousands_of_large_photographs_are_opened_in_seconds(tmp_path: Path) -> None:
    photograph = tmp_path / "0.jpg"
    Image.fromarray(np.zeros((4000, 6000, 3), np.uint8)).save(photograph)
    for number in range(1, 3000):
        os.link(photograph, tmp_path / f"{number}.jpg")
    began_s = process_time()
    assert len(PictureFolder(tmp_path)) == 3000
    assert process_time() - began_s < 60


def test_of_pictures_that_are_all_used_nothing_is_said(tmp_path: Path) -> None:
    save(tmp_path / "good.jpg")
    assert unused(PictureFolder(tmp_path).describe()) == ""
    assert unused({"name": "shapes3d-test"}) == ""


def test_whole_pictures_are_not_decoded_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for suffix in ("jpg", "png", "webp"):
        save(tmp_path / f"a.{suffix}")
    decoded: list[str] = []
    load = ImageFile.ImageFile.load

    def noted(self: ImageFile.ImageFile) -> object:
        decoded.append(str(self.filename))
        return load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noted)
    dataset = PictureFolder(tmp_path, camera_px=8)
    assert (len(dataset), decoded) == (3, [])
    dataset.image(1)
    assert {Path(name).name for name in decoded} == {"a.png"}


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "LA", "I;16"])
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
