"""Photographs with a digit and a solid in them."""

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from testbed.config.frame import Frame
from testbed.data.camera import resize_image
from testbed.data.catalog import open_dataset
from testbed.data.collage import Collage
from testbed.data.digits import split_digits
from testbed.data.factors import Split
from testbed.data.light import LIGHTS


@cache
def collage(split: Split = "test", camera_px: Frame | None = 96) -> Collage:
    dataset = open_dataset("collage", split, camera_px=camera_px)
    assert isinstance(dataset, Collage)
    return dataset


def test_it_is_a_dataset() -> None:
    dataset = collage(camera_px=None)
    assert (dataset.name, len(dataset), len(collage("train"))) == ("collage-test", 10_000, 60_000)
    assert dict(dataset.tasks) == {"digit": 10, "shape": 4, "light": 4}
    assert (dataset.image(0).shape, dataset.image(0).dtype) == ((720, 1280, 3), np.dtype(np.uint8))
    described = dataset.describe()
    assert described["camera_px"] == "1280x720"
    assert "flower.jpg: vultilion, CC BY 2.0" in described["photographs"]


@pytest.mark.parametrize(
    ("split", "camera_px", "digest"),
    [
        ("test", None, "1eef59e924c6689a"),
        ("test", 224, "66fc14a6dbeff4f8"),
        ("train", 64, "8626bfa8e2a5b3b1"),
    ],
)
def test_the_same_bytes_everywhere(split: Split, camera_px: Frame | None, digest: str) -> None:
    dataset = collage(split, camera_px)
    seen = [dataset.image(index).tobytes() for index in (0, 1, 17, 9_999)]
    assert hashlib.sha256(b"".join(seen)).hexdigest()[:16] == digest


def test_a_sample_does_not_depend_on_what_was_made_before() -> None:
    dataset, indices = collage(), np.array([5, 900, 5])
    together = {at: image for places, images in dataset.batches(indices) for at, image in zip(
        places.tolist(), images, strict=True
    )}  # fmt: skip
    for at, index in enumerate(indices.tolist()):
        assert np.array_equal(together[at], dataset.image(index))


def test_a_small_picture_shows_what_a_large_one_does() -> None:
    large, small, square = collage(camera_px=None), collage(camera_px=224), collage(camera_px=720)
    for index in range(3):
        picture = large.image(index)
        for other in (small, square):
            seen = other.image(index)
            difference = resize_image(picture, seen.shape[0]).astype(int) - seen
            assert np.abs(difference).mean() < 2


def test_labels_say_what_is_seen() -> None:
    dataset, digits = collage(), split_digits("test", "collage")
    for index in range(20):
        labels = dataset.labels(index)
        photo, digit = dataset.sample_name(index).split("+")
        assert photo in {"camera", "chelsea", "grass", "flower"}
        assert labels["digit"] == digits.classes[int(digit)]


def test_each_light_has_its_look() -> None:
    """On average over samples, which differ in all else."""
    dataset, means = collage(camera_px=32), {name: [] for name in LIGHTS}  # type: ignore[var-annotated]
    for index in range(120):
        name = dataset.class_names["light"][dataset.labels(index)["light"]]
        means[name].append(dataset.image(index).mean(axis=(0, 1)))
    red, _, blue = np.transpose([np.mean(means[name], axis=0) for name in LIGHTS])
    day, overcast, dusk, lamp = range(4)
    assert dusk == blue.argmax() or blue[dusk] > 1.5 * red[dusk]
    assert red[lamp] > 1.8 * blue[lamp]
    assert overcast == (red + blue).argmax()
    assert dusk == red.argmin()
    assert abs(red[day] - blue[day]) < 15


def test_the_digit_changes_its_box_alone() -> None:
    dataset = collage(camera_px=(320, 180))
    layout = dataset.layout(4)
    picture = dataset._ground(layout)
    before = np.asarray(picture).astype(int)
    dataset._write(picture, dataset._digits.pictures[dataset._digit[4]], layout)
    changed = np.abs(np.asarray(picture).astype(int) - before).max(axis=2)
    left, top, right, bottom = layout.digit.within((320, 180))
    assert changed[top:bottom, left:right].max() > 60
    changed[top:bottom, left:right] = 0
    assert not changed.any()


@pytest.mark.parametrize("task", ["digit", "shape", "light"])
def test_classes_are_balanced_and_no_task_tells_another(task: str) -> None:
    dataset = collage("train")
    labels = [dataset.labels(index) for index in range(0, 60_000, 11)]
    for other in dataset.tasks:
        if other != task:
            pairs = np.zeros((dataset.tasks[task], dataset.tasks[other]), int)
            for label in labels:
                pairs[label[task], label[other]] += 1
            assert pairs.min() > 0.6 * pairs.mean()
            assert pairs.max() < 1.4 * pairs.mean()


def test_camera_noise_is_added_and_seeded() -> None:
    noisy = open_dataset("collage", "test", camera_px=64, camera_noise=2.5, seed=1)
    difference = noisy.image(3).astype(int) - collage(camera_px=64).image(3)
    assert 1 < difference.std() < 4
    assert np.array_equal(noisy.image(3), noisy.image(3))


def test_on_one_s_own_photographs(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(5):
        pixels = random.integers(0, 256, (90, 160, 3), np.uint8)
        Pillow.fromarray(pixels).save(tmp_path / f"{number}.png")
    splits: tuple[Split, ...] = ("train", "test")
    train, test = (open_dataset("collage", split, path=tmp_path, camera_px=64) for split in splits)
    assert train.image(0).shape == (64, 64, 3)
    assert test.describe()["photographs"] == f"1 of the folder {tmp_path.name}"
    assert not {train.sample_name(i)[0] for i in range(40)} & {test.sample_name(0)[0]}


def test_a_sample_outside_is_refused() -> None:
    with pytest.raises(IndexError, match=r"collage-test sample 10000: allowed is 0\.\.9999"):
        collage().image(10_000)
