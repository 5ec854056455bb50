"""3D Shapes behind the data set protocol."""

import subprocess
import sys

import numpy as np
import pytest

from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.errors import BadInput
from tests.testbed.data.by_factors import index_of


def shapes3d(px: int, noise: float = 0.0, seed: int = 0) -> Dataset:
    return open_dataset("shapes3d", "test", camera_px=px, camera_noise=noise, seed=seed)


def test_it_is_a_dataset() -> None:
    dataset = shapes3d(32)
    assert len(dataset) == 120_000
    assert dataset.name == "shapes3d-test"
    assert dict(dataset.tasks) == {"scale": 8, "shape": 4}
    assert dataset.image(0).shape == (32, 32, 3)
    assert dataset.describe()["samples"] == 120_000


def test_the_first_test_sample_is_the_first_of_both_unseen_hues() -> None:
    dataset = shapes3d(16)
    assert dataset.sample_name(0) == str(index_of(5, 5, 0, 0, 0, 0))
    assert dataset.labels(0) == {"scale": 0, "shape": 0}
    assert dataset.labels(len(dataset) - 1) == {"scale": 7, "shape": 3}


def test_every_factor_can_be_a_task() -> None:
    dataset = open_dataset("shapes3d", "train", camera_px=16, tasks=("orientation", "wall_hue"))
    assert dict(dataset.tasks) == {"orientation": 15, "wall_hue": 10}
    assert dataset.labels(1) == {"orientation": 1, "wall_hue": 0}


def test_noise_belongs_to_the_sample_and_the_seed() -> None:
    one, other = shapes3d(32, 2.5, seed=1), shapes3d(32, 2.5, seed=2)
    assert np.array_equal(one.image(9), one.image(9))
    assert not np.array_equal(one.image(9), other.image(9))


@pytest.mark.parametrize("index", [-1, 120_000])
def test_a_sample_outside_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match=r"allowed is 0\.\.119999"):
        shapes3d(16).image(index)


def test_bad_settings_say_what_is_allowed() -> None:
    with pytest.raises(BadInput, match="found 'valid', allowed: train, test"):
        open_dataset("shapes3d", "valid")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="found age, allowed for shapes3d: floor_hue"):
        open_dataset("shapes3d", "test", tasks=("age",))
    with pytest.raises(BadInput, match="camera_px at least 1"):
        shapes3d(0)
    with pytest.raises(BadInput, match="noise_std and seed at least 0"):
        shapes3d(16, -1)


def test_data_sets_need_no_torch() -> None:
    code = "import sys, testbed.data.unlabelled; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
