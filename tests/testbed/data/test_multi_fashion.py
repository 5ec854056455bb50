"""Pairs with garments, from files in Fashion-MNIST's format."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from testbed.data import multi_fashion as m
from testbed.data.catalog import open_dataset
from testbed.data.digits import split_digits
from testbed.errors import BadInput

COUNTS = {"train": 30, "test": 20}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small Fashion-MNIST; a garment's class is its brightness by tens, its number the rest."""
    monkeypatch.setattr(m, "GARMENTS", COUNTS)
    for name, count in (("train", 30), ("t10k", 20)):
        numbers = np.arange(count, dtype=np.uint8)
        pictures = np.repeat(100 + numbers, 28 * 28)
        write(tmp_path / f"{name}-images-idx3-ubyte.gz", (count, 28, 28), pictures)
        write(tmp_path / f"{name}-labels-idx1-ubyte.gz", (count,), numbers % 10)
    return tmp_path


def write(file: Path, shape: tuple[int, ...], values: np.ndarray) -> None:
    header = np.array([0x0800 | len(shape), *shape], ">u4").tobytes()
    file.write_bytes(gzip.compress(header + values.astype(np.uint8).tobytes(), 1))


def test_two_garments(folder: Path) -> None:
    dataset = open_dataset("multi_fashion", "test", path=folder)
    assert (dataset.name, len(dataset)) == ("multi_fashion-test", 10_000)
    assert dataset.class_names["left"][9] == "ankle boot"
    for index in (0, 77):
        left, right = map(int, dataset.sample_name(index).split("+"))
        assert dataset.labels(index) == {"left": left % 10, "right": right % 10}
        image = dataset.image(index)
        assert (image[0, 0, 0], image[33, 33, 0]) == (100 + left, 100 + right)
        assert image[20, 20, 0] == 100 + max(left, right)


def test_a_digit_and_a_garment(folder: Path) -> None:
    dataset = open_dataset("multi_fashion_mnist", "train", path=folder, camera_px=72)
    assert dataset.image(0).shape == (72, 72, 3)
    digits = split_digits("train", "multi_fashion_mnist")
    left, right = map(int, dataset.sample_name(5).split("+"))
    assert dataset.labels(5) == {"left": digits.classes[left], "right": right % 10}


def test_each_is_as_often_on_the_left(folder: Path) -> None:
    dataset = open_dataset("multi_fashion", "test", path=folder)
    lefts = [dataset.sample_name(index).split("+")[0] for index in range(10_000)]
    assert {lefts.count(str(number)) for number in range(20)} == {500}


def test_files_that_are_not_there_or_something_else(folder: Path) -> None:
    file = folder / "t10k-images-idx3-ubyte.gz"
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    with pytest.raises(BadInput, match=r"t10k-images-idx3-ubyte.gz: .*allowed: gzipped IDX"):
        open_dataset("multi_fashion", "test", path=folder)
    file.write_bytes(b"no gzip")
    with pytest.raises(BadInput, match=r"t10k-images-idx3-ubyte.gz: .*allowed: gzipped IDX"):
        open_dataset("multi_fashion", "test", path=folder)
    write(file, (19, 28, 28), np.zeros(19 * 784))
    with pytest.raises(
        BadInput, match=r"found other content, allowed: bytes of shape \(20, 28, 28"
    ):
        open_dataset("multi_fashion", "test", path=folder)
    file.unlink()
    with pytest.raises(BadInput, match="found nothing, allowed: the file of Fashion-MNIST"):
        open_dataset("multi_fashion", "test", path=folder)
    with pytest.raises(BadInput, match="found no path to its files, allowed: a folder of Fashion"):
        open_dataset("multi_fashion_mnist", "test")


def test_a_class_that_there_is_not(folder: Path) -> None:
    write(folder / "t10k-labels-idx1-ubyte.gz", (20,), np.arange(20))
    with pytest.raises(BadInput, match="found class 19, allowed: 0 to 9, as published"):
        open_dataset("multi_fashion", "test", path=folder)
