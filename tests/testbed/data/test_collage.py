"""Collages: the same bytes every time, nothing shared between splits, labels that are shown."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image as Pillow

from testbed.data import grounds
from testbed.data.camera import Camera, resize_image
from testbed.data.classes import CLASS_NAMES
from testbed.data.collage import Collage
from testbed.data.digits import digits_of
from testbed.data.factors import SHAPES
from testbed.data.grounds import GROUNDS, Ground, photograph
from testbed.data.light import LIGHTS, lit
from testbed.data.sprites import sprite
from testbed.errors import BadInput

CLASSES = CLASS_NAMES["collage"]


@pytest.fixture(scope="module")
def small() -> Collage:
    return Collage("test", CLASSES, Camera((320, 180)))


def test_it_is_a_dataset(small: Collage) -> None:
    assert (small.name, len(small)) == ("collage-test", 10_000)
    assert small.tasks == {"digit": 10, "solid": 4, "light": 4}
    assert small.image(0).shape == (180, 320, 3)
    assert small.image(0).dtype == np.uint8
    assert any("chelsea" in each for each in small.describe()["photographs"])


def test_a_sample_is_the_same_bytes_everywhere(small: Collage) -> None:
    shown = b"".join(small.image(index).tobytes() for index in (0, 1, 2, 3, 9_999))
    assert hashlib.sha256(shown).hexdigest()[:16] == "6c84332dce65b193"


def test_classes_come_equally_often(small: Collage) -> None:
    labels = [small.labels(index) for index in range(len(small))]
    for task, classes in small.tasks.items():
        counts = np.bincount([each[task] for each in labels], minlength=classes)
        assert counts.max() - counts.min() <= 1 + len(small) // 100


def test_splits_share_neither_photographs_nor_digits() -> None:
    assert not set(GROUNDS["train"]) & set(GROUNDS["test"])
    train, test = ({each.tobytes() for each in digits_of(split, "x")[0]} for split in GROUNDS)
    assert not train & test


@pytest.mark.parametrize("size", [(1280, 720), 224, 64, (100, 300)])
def test_everything_stands_within_the_picture_at_every_size(size: int | tuple[int, int]) -> None:
    data = Collage("train", CLASSES, Camera(size))
    for index in range(6):
        data.image(index)  # Pillow refuses a box that does not fit what is pasted


def test_a_small_picture_shows_what_the_large_one_does(small: Collage) -> None:
    large = Collage("test", CLASSES, Camera())
    for index in (0, 5, 11):
        assert large.labels(index) == small.labels(index)
        shrunk = resize_image(large.image(index), (32, 18)).astype(int)
        also = resize_image(small.image(index), (32, 18)).astype(int)
        assert np.abs(shrunk - also).mean() < 6


def test_a_digit_needs_pixels() -> None:
    """At 64 px it has less than its own 28 pixels, and half as many across."""
    data = Collage("test", CLASSES, Camera(64))
    random = np.random.default_rng(0)
    shares = random.uniform(0.14, 0.3, 50).tolist()
    boxes = [data._placed(share, 1.0, random, on_left=True) for share in shares]
    assert max(placed.height for placed in boxes) <= 20
    assert max(placed.width for placed in boxes) <= 11


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_a_solid_has_its_colour_and_nothing_of_the_room(shape: int) -> None:
    solid = np.asarray(sprite(shape, 7, 3)).astype(int)  # a green hue
    inside = solid[solid[..., 3] == 255]
    assert len(inside) > 0.4 * solid[..., 0].size
    assert (inside[:, 1] >= inside[:, 0]).all()
    assert (inside[:, 1] >= inside[:, 2]).mean() > 0.99
    assert {solid[0, 0, 3], solid[-1, -1, 3]} <= set(range(256))


def test_lights_differ_in_brightness_or_colour() -> None:
    grey = Pillow.new("RGB", (4, 4), (150, 150, 150))
    seen = {name: np.asarray(lit(grey, light, 256))[0, 0] for name, light in LIGHTS.items()}
    assert seen["day"].tolist() == [150, 150, 150]
    assert seen["lamp"][0] > 1.8 * seen["lamp"][2]
    assert seen["dusk"][2] > 1.5 * seen["dusk"][0]
    red = Pillow.new("RGB", (4, 4), (200, 20, 20))
    overcast = np.asarray(lit(red, LIGHTS["overcast"], 256))[0, 0].astype(int)
    assert overcast[0] - overcast[1] < 80


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    photograph.cache_clear()
    monkeypatch.setattr(grounds, "find_spec", lambda name: None)
    yield GROUNDS["test"][0]
    photograph.cache_clear()


def test_a_package_that_is_missing_is_one_line(missing: Ground) -> None:
    with pytest.raises(BadInput, match=r"collage: found no package skimage, allowed: after `pip"):
        photograph(missing)
