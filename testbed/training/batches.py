"""Training batches rendered on the fly: 3D-Shapes images at the network's own input size.

Each image is disturbed a little, as the deployed path would disturb it: sensor noise, and for some
images JPEG at the small size, where it costs most. Colours are never changed: the test split is
about pairs of colours that training has not seen, and shifting hues would show them.
"""

import io
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor, from_numpy

from testbed.data.factors import FACTORS, FactorArray, factor_table, split_indices
from testbed.data.render import add_noise, render_batch
from testbed.model.preprocess import batch_to_input

_MAX_NOISE_STD = 4.0  # 8-bit levels; what is left of a camera's noise after shrinking is less
_JPEG_SHARE = 0.25
_JPEG_QUALITY = (40, 96)


def batches(
    tasks: Sequence[str], px: int, size: int, seed: int, limit: int | None = None
) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
    """Endless batches of the train split: inputs (size, 3, px, px) and labels (size,) by task.

    All images are seen once, in an order drawn from `seed`, before any is seen again.
    `limit`: use only that many images of the split, also drawn from `seed`.
    """
    random = np.random.default_rng(seed)
    indices = random.permutation(split_indices("train"))[:limit]
    for chosen in _endless(indices, size, random):
        table = factor_table(chosen)
        images = _disturb(render_batch(table, px), random)
        yield batch_to_input(images), _labels(table, tasks)


def _endless(
    indices: NDArray[np.int64], size: int, random: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Batches of indices; the rest of one pass opens the first batch of the next."""
    waiting = np.empty(0, np.int64)
    while True:
        while len(waiting) < size:
            waiting = np.concatenate([waiting, random.permutation(indices)])
        yield waiting[:size]
        waiting = waiting[size:]


def _labels(table: FactorArray, tasks: Sequence[str]) -> dict[str, Tensor]:
    columns: Mapping[str, int] = {name: column for column, name in enumerate(FACTORS)}
    return {task: from_numpy(table[:, columns[task]].copy()) for task in tasks}


def _disturb(images: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Noise of a random strength on every image, JPEG of a random quality on some; in place."""
    for image in images:
        strength = random.uniform(0, _MAX_NOISE_STD)
        image[...] = add_noise(image, strength, (int(random.integers(2**32)),))
        if random.random() < _JPEG_SHARE:
            image[...] = _through_jpeg(image, int(random.integers(*_JPEG_QUALITY)))
    return images


def _through_jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Pillow.open(buffer))
