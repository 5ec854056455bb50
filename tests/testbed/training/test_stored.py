"""A split in one mapped file: the same images in any order, made once, whole or not there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from testbed.data.catalog import open_dataset
from testbed.data.dataset import Batch, Dataset, Image, Indices
from testbed.errors import BadInput
from testbed.training.batches import OnTheFly
from testbed.training.stored import Stored, stored_images

PX = 16


class Few(Dataset):
    """The first 100 samples of another."""

    def __init__(self, whole: Dataset, breaks_at: int | None = None) -> None:
        super().__init__("few", 100, {}, whole.class_names)
        self._whole, self._breaks_at = whole, breaks_at

    def sample_name(self, index: int) -> str:
        return self._whole.sample_name(index)

    def _read(self, indices: Indices) -> Image:
        raise NotImplementedError

    def batches(self, indices: Indices) -> Iterator[Batch]:
        if self._breaks_at is not None and (indices >= self._breaks_at).any():
            raise KeyboardInterrupt
        return self._whole.batches(indices)

    def label_table(self, indices: Indices) -> dict[str, Indices]:
        return self._whole.label_table(indices)


@pytest.fixture(scope="module")
def whole() -> Dataset:
    return open_dataset("shapes3d", "train", tasks=("scale", "shape"))


def test_stored_images_are_those_made_on_the_way(tmp_path: Path, whole: Dataset) -> None:
    few, said = Few(whole), list[str]()
    indices = np.array([3, 50, 99, 7])
    stored = Stored(few, stored_images(few, PX, tmp_path / "new", said.append), indices)
    positions = np.array([2, 0, 2])
    taken, made = stored.take(positions), OnTheFly(whole, indices, PX).take(positions)
    assert np.array_equal(taken.images, made.images)
    assert all(np.array_equal(taken.labels[task], made.labels[task]) for task in made.labels)
    assert len(said) == 1 and len(stored) == 4
    stored_images(few, PX, tmp_path / "new", said.append)
    assert len(said) == 1  # found


def test_an_interruption_leaves_nothing(tmp_path: Path, whole: Dataset) -> None:
    with pytest.raises(KeyboardInterrupt):
        stored_images(Few(whole, breaks_at=50), PX, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, whole: Dataset) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="scratch: "):
        stored_images(Few(whole), PX, tmp_path / "file")
