"""The published 3D Shapes file, written here in its true layout with few of its images."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.catalog import open_dataset
from testbed.data.classes import CLASS_NAMES, choose_tasks
from testbed.data.dataset import Dataset
from testbed.data.factors import COUNT, FACTOR_VALUES, factor_table
from testbed.data.shapes3d import Shapes3DFile
from testbed.errors import BadInput
from testbed.training.batches import load_arrays
from tests.testbed.data.by_factors import index_of

IMAGES = (COUNT, 64, 64, 3)
CHUNK_ROWS = 1000
FIRST_TEST = index_of(5, 5, 0, 0, 0, 0)
FAR_TEST = index_of(9, 9, 9, 7, 3, 14)


def published_labels() -> NDArray[np.float64]:
    """Factor values of all images, as the published file has them."""
    indices = factor_table(np.arange(COUNT))
    columns = [np.array(values)[indices[:, i]] for i, values in enumerate(FACTOR_VALUES.values())]
    return np.stack(columns, axis=1)


def picture(number: int) -> NDArray[np.uint8]:
    return np.random.default_rng(number).integers(0, 256, IMAGES[1:], dtype=np.uint8)


def write(file: Path, labels: NDArray[np.float64], count: int = COUNT) -> Path:
    """A file of `count` images: noise at a few places, black everywhere else."""
    chunks = (min(count, CHUNK_ROWS), *IMAGES[1:])
    with h5py.File(file, "w") as opened:
        images = opened.create_dataset(
            "images", (count, *IMAGES[1:]), "u1", chunks=chunks, compression=1
        )
        opened.create_dataset("labels", data=labels, compression=1)
        for number in (FIRST_TEST, FIRST_TEST + 1, FAR_TEST):
            if number < count:
                images[number] = picture(number)
    return file


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("shapes3d") / "3dshapes.h5", published_labels())


@pytest.fixture
def copy(file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(file, tmp_path))


def test_it_is_a_dataset_and_says_that_it_is_the_file(file: Path) -> None:
    dataset: Dataset = open_dataset("shapes3d", "test", path=file)
    assert (dataset.name, len(dataset)) == ("shapes3d-file-test", 120_000)
    described = dataset.describe()
    assert (described["images"], described["file"]) == ("file", "3dshapes.h5")
    assert str(file.parent) not in str(described)
    assert dict(dataset.tasks) == {"scale": 8, "shape": 4}


def test_images_and_labels_are_those_of_the_published_order(file: Path) -> None:
    dataset = open_dataset("shapes3d", "test", path=file, tasks=list(FACTOR_VALUES))
    assert np.array_equal(dataset.image(0), picture(FIRST_TEST))
    assert dataset.sample_name(0) == str(FIRST_TEST)
    last = len(dataset) - 1
    assert np.array_equal(dataset.image(last), picture(FAR_TEST))
    assert list(dataset.labels(last).values()) == [9, 9, 9, 7, 3, 14]


def test_both_splits_are_those_of_the_renderer(file: Path) -> None:
    rendered, read = open_dataset("shapes3d", "train"), open_dataset("shapes3d", "train", path=file)
    for index in (0, 4_711, 359_999):
        assert rendered.sample_name(index) == read.sample_name(index)
        assert rendered.labels(index) == read.labels(index)


def test_arrays_in_any_order_with_repeats_across_blocks(file: Path) -> None:
    dataset = open_dataset("shapes3d", "test", path=file)
    arrays = load_arrays(dataset, [119_999, 1, 0, 119_999, 60_000], 64)
    expected = [picture(n) for n in (FAR_TEST, FIRST_TEST + 1, FIRST_TEST, FAR_TEST)]
    assert np.array_equal(arrays.images[:4], expected)
    assert not arrays.images[4].any()
    assert arrays.labels["shape"].tolist() == [3, 0, 0, 3, dataset.labels(60_000)["shape"]]


def test_neighbours_are_read_together(file: Path) -> None:
    scale = choose_tasks("shapes3d", CLASS_NAMES["shapes3d"], ["scale"])
    dataset = Shapes3DFile(file, "test", scale, Camera())
    blocks = [positions.tolist() for positions, _ in dataset.batches(np.array([119_999, 1, 0]))]
    assert blocks == [[2, 1], [0]]


def test_a_camera_of_another_size_and_its_noise(file: Path) -> None:
    plain = open_dataset("shapes3d", "test", path=file, camera_px=96)
    noisy = open_dataset("shapes3d", "test", path=file, camera_px=96, camera_noise=2.5)
    assert plain.image(0).shape == (96, 96, 3)
    assert np.array_equal(noisy.image(0), noisy.image(0))
    assert 0 < np.abs(noisy.image(0).astype(int) - plain.image(0)).mean() < 4


@pytest.mark.parametrize(("name", "found"), [("absent.h5", "nothing"), ("", "a folder")])
def test_no_file(tmp_path: Path, name: str, found: str) -> None:
    with pytest.raises(BadInput, match=f"found {found}, allowed: the published file 3dshapes.h5"):
        open_dataset("shapes3d", "test", path=tmp_path / name)


def test_a_foreign_file(tmp_path: Path) -> None:
    foreign = tmp_path / "3dshapes.h5"
    foreign.write_text("no HDF5")
    with pytest.raises(BadInput, match=r"damaged or foreign .*signature"):
        open_dataset("shapes3d", "test", path=foreign)


def test_a_file_cut_short(copy: Path) -> None:
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadInput, match=r"damaged or foreign .*truncated") as caught:
        open_dataset("shapes3d", "test", path=copy)
    assert "\n" not in str(caught.value)


def test_a_damaged_image_is_found_when_it_is_read(copy: Path) -> None:
    with h5py.File(copy) as opened:
        row = FIRST_TEST // CHUNK_ROWS * CHUNK_ROWS
        chunk = opened["images"].id.get_chunk_info_by_coord((row, 0, 0, 0))
    with copy.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\0" * 64)
    dataset = open_dataset("shapes3d", "test", path=copy)
    assert np.array_equal(dataset.image(len(dataset) - 1), picture(FAR_TEST))
    with pytest.raises(BadInput, match=r"3dshapes.h5: damaged or foreign") as caught:
        dataset.image(0)
    assert "\n" not in str(caught.value)


def test_hdf5_of_something_else(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as opened:
        opened.create_dataset("images", IMAGES, "u1", chunks=(CHUNK_ROWS, 64, 64, 3))
    with pytest.raises(BadInput, match=r"labels: found nothing .*allowed: \(480000, 6\) float64"):
        open_dataset("shapes3d", "test", path=tmp_path / "other.h5")


def test_too_few_images(tmp_path: Path) -> None:
    small = write(tmp_path / "small.h5", published_labels()[:100], 100)
    with pytest.raises(
        BadInput, match=r"images: found \(100, 64, 64, 3\) uint8, allowed: \(480000"
    ):
        open_dataset("shapes3d", "test", path=small)


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        (3, 0.5, "scale of image 77: found 0.5, allowed: 0.821429"),
        (0, np.nan, "floor_hue .*found nan"),
    ],
)
def test_labels_that_are_not_the_published_ones(
    copy: Path, column: int, value: float, complaint: str
) -> None:
    with h5py.File(copy, "r+") as opened:
        opened["labels"][77, column] = value
    with pytest.raises(BadInput, match=complaint):
        open_dataset("shapes3d", "test", path=copy)


def test_images_in_another_order(tmp_path: Path) -> None:
    shuffled = write(tmp_path / "shuffled.h5", published_labels()[::-1])
    with pytest.raises(
        BadInput, match=r"floor_hue of image 0: found 0\.9, allowed: 0 as published"
    ):
        open_dataset("shapes3d", "test", path=shuffled)
