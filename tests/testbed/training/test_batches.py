"""Training batches: which images, which labels, how they are disturbed."""

from itertools import islice

import numpy as np
import torch

from testbed.data.factors import FACTORS
from testbed.training import batches as b


def test_shapes_and_ranges() -> None:
    images, labels = next(b.batches(("scale", "shape"), 32, 8, seed=1))
    assert images.shape == (8, 3, 32, 32)
    assert images.dtype == torch.float32
    assert -1 <= images.min() < images.max() <= 1
    assert {task: len(values) for task, values in labels.items()} == {"scale": 8, "shape": 8}


def test_the_same_seed_gives_the_same_batches() -> None:
    one, same, other = (next(b.batches(("scale",), 16, 4, seed)) for seed in (1, 1, 2))
    assert torch.equal(one[0], same[0])
    assert torch.equal(one[1]["scale"], same[1]["scale"])
    assert not torch.equal(one[0], other[0])


def test_no_test_image_is_trained_on() -> None:
    stream = b.batches(tuple(FACTORS), 8, 100, seed=1)
    for _, labels in islice(stream, 3):
        assert not ((labels["floor_hue"] >= 5) & (labels["wall_hue"] >= 5)).any()


def test_a_limit_repeats_few_images_each_once_a_pass() -> None:
    stream = b.batches(tuple(FACTORS), 8, 4, seed=1, limit=6)
    seen = torch.cat([torch.stack(list(labels.values()), 1) for _, labels in islice(stream, 3)])
    combinations = [tuple(row) for row in seen.tolist()]
    assert len(combinations) == 12
    assert len(set(combinations[:6])) == len(set(combinations)) == 6


def test_disturbing_stays_close_to_the_picture() -> None:
    images = np.full((64, 16, 16, 3), 120, np.uint8)
    disturbed = b._disturb(images.copy(), np.random.default_rng(0))
    difference = np.abs(disturbed.astype(float) - images).mean(axis=(1, 2, 3))
    assert (difference > 0).mean() > 0.8
    assert difference.max() < 5
