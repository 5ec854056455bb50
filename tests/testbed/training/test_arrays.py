"""Many samples in memory: the same bytes as one by one."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from testbed.data.camera import resize_image
from testbed.data.catalog import open_dataset
from testbed.data.unlabelled import PictureFolder
from testbed.training.batches import load_arrays

INDICES = [700, 3, 41, 3, 9_999, 0]


@pytest.mark.parametrize("name", ["shapes3d", "multimnist", "collage"])
@pytest.mark.parametrize("noise", [0.0, 2.5])
def test_arrays_are_the_samples_in_the_order_asked_for(name: str, noise: float) -> None:
    dataset = open_dataset(name, "test", camera_px=48, camera_noise=noise, seed=5)
    arrays = load_arrays(dataset, INDICES, 32)
    assert (arrays.images.shape, arrays.images.dtype) == ((6, 32, 32, 3), np.dtype(np.uint8))
    assert len(arrays) == 6
    for position, index in enumerate(INDICES):
        expected = resize_image(dataset.image(index), 32)
        assert np.array_equal(arrays.images[position], expected)
        assert {task: int(of[position]) for task, of in arrays.labels.items()} == (
            dataset.labels(index)
        )
    assert {of.dtype for of in arrays.labels.values()} == {np.dtype(np.int64)}


def test_more_than_one_batch() -> None:
    dataset = open_dataset("multimnist", "train")
    arrays = load_arrays(dataset, range(600), 36)
    assert np.array_equal(arrays.images[599], dataset.image(599))


def test_a_data_set_without_labels(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), (9, 8, 7)).save(tmp_path / "a.png")
    arrays = load_arrays(PictureFolder(tmp_path, 16), [0, 0], 8)
    assert (arrays.images == (9, 8, 7)).all()
    assert dict(arrays.labels) == {}


def test_none_at_all() -> None:
    arrays = load_arrays(open_dataset("multimnist", "test"), [], 16)
    assert arrays.images.shape == (0, 16, 16, 3)
    assert arrays.labels["left"].shape == (0,)


def test_a_sample_outside_is_refused() -> None:
    with pytest.raises(IndexError, match=r"multimnist-test sample 10000: allowed is 0\.\.9999"):
        load_arrays(open_dataset("multimnist", "test"), [0, 10_000], 16)


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    load_arrays(open_dataset("shapes3d", "test", camera_px=16), range(4), 16, show_progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "images" in shown.err
