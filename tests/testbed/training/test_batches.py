"""Training batches: which images, in which order, how they are disturbed."""

import numpy as np
import pytest

from testbed.data.catalog import open_dataset
from testbed.errors import BadInput
from testbed.training.batches import Arrays, Batches, OnTheFly, sample_indices
from tests.testbed.training.small import arrays


def numbered(count: int) -> Arrays:
    """Samples whose label is their position."""
    return Arrays(np.full((count, 4, 4, 3), 99, np.uint8), {"n": np.arange(count)})


def seen(batches: Batches, steps: int) -> list[int]:
    return [int(n) for step in range(steps) for n in batches.at(step).labels["n"]]


def test_every_image_is_seen_once_a_pass() -> None:
    order = seen(Batches(numbered(10), 4, seed=1, noise="none"), 5)
    assert sorted(order[:10]) == sorted(order[10:]) == list(range(10))
    assert order[:10] != order[10:]


def test_a_batch_may_span_several_passes() -> None:
    order = seen(Batches(numbered(3), 8, seed=1, noise="none"), 3)
    assert all(sorted(order[start : start + 3]) == [0, 1, 2] for start in range(0, 24, 3))


def test_a_step_does_not_depend_on_the_steps_before() -> None:
    walked, jumped = (Batches(arrays(10), 4, seed=1, noise="camera") for _ in range(2))
    for step in range(6):
        last = walked.at(step)
    there = jumped.at(5)
    assert np.array_equal(last.images, there.images)
    assert np.array_equal(last.labels["side"], there.labels["side"])


def test_the_seed_decides_order_and_disturbance() -> None:
    one, other = (Batches(numbered(50), 8, seed, "camera").at(0) for seed in (1, 2))
    assert not np.array_equal(one.labels["n"], other.labels["n"])
    assert not np.array_equal(one.images, other.images)


def test_images_are_disturbed_anew_each_time_and_stay_as_they_were_in_memory() -> None:
    source = numbered(4)
    batches = Batches(source, 4, seed=1, noise="paper")
    assert not np.array_equal(batches.at(0).images, batches.at(1).images)
    assert (source.images == 99).all()


def test_samples_made_on_the_fly_are_those_of_the_data_set() -> None:
    dataset = open_dataset("shapes3d", "train", camera_px=16)
    taken = OnTheFly(dataset, np.array([5, 70, 900]), 16).take(np.array([2, 0]))
    assert np.array_equal(taken.images, [dataset.image(900), dataset.image(5)])
    assert taken.labels["shape"].tolist() == [dataset.labels(n)["shape"] for n in (900, 5)]


def test_an_unknown_noise_is_refused() -> None:
    with pytest.raises(BadInput, match="noise: found 'loud', allowed: none, paper, code, camera"):
        Batches(numbered(4), 4, seed=1, noise="loud")


def test_indices_differ_and_repeat() -> None:
    samples = sample_indices(1000, 50, seed=1)
    assert len(set(samples.tolist())) == 50
    assert samples.tolist() == sorted(sample_indices(1000, 50, seed=1).tolist())
    assert sample_indices(3, 50, seed=1).tolist() == [0, 1, 2]
