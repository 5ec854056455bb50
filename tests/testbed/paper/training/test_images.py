"""What a trial is trained, watched and tested on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from testbed.data.dataset import Dataset, Image
from testbed.paper.training import images
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.images import Places, images_of, prepare
from testbed.training.batches import Arrays
from tests.testbed.paper.small_trials import TRIAL

CLEAN = replace(TRIAL, noise="none")


def test_noise_is_on_what_is_looked_at_and_the_same_every_time() -> None:
    clean, noisy = images_of(Places(), CLEAN), images_of(Places(), TRIAL)
    images._looked_at.cache_clear()
    again = images_of(Places(), TRIAL)
    for part in ("validation", "test"):
        one, other, same = (getattr(of, part) for of in (clean, noisy, again))
        assert 0.6 < (other.images != one.images).mean() < 0.75
        assert np.array_equal(other.images, same.images)
        assert all(np.array_equal(other.labels[task], one.labels[task]) for task in one.labels)


def test_test_images_are_of_the_split_asked_for() -> None:
    for trial, unseen in ((replace(CLEAN, test_from="train"), False), (CLEAN, True)):
        test = images_of(Places(), trial).test
        both = (test.labels["floor_hue"] >= 5) & (test.labels["wall_hue"] >= 5)
        assert (both == unseen).all()


def test_where_images_come_from_changes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = np.array([5, 0, 63])
    in_memory = images_of(Places(), CLEAN).training.take(positions)
    monkeypatch.setattr(images, "IN_MEMORY_BYTES", 0)
    rendered = images_of(Places(), CLEAN).training.take(positions)
    assert np.array_equal(in_memory.images, rendered.images)
    for task in (*in_memory.labels, *CONFLICTS):
        assert np.array_equal(in_memory.labels[task], rendered.labels[task])


def test_whole_splits_go_to_scratch_and_others_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []

    def instead(opened: Dataset, px: int, folder: Path, *_: object) -> Image:
        stored.append(px)
        return np.zeros((len(opened), 1, 1, 3), np.uint8)

    monkeypatch.setattr(images, "stored_images", instead)
    places = Places(scratch=tmp_path)
    prepare(places, CLEAN, print)
    assert stored == []
    large = replace(CLEAN, train_images=358_000)
    prepare(places, large, print)
    source = images_of(places, large).training
    assert stored == [32, 32] and len(source) == 358_000


def test_what_takes_longer_to_draw_than_to_train_on_is_drawn_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "IN_MEMORY_BYTES", 0)
    pairs = replace(CLEAN, dataset="multimnist", input_px=36, train_images=8)
    assert isinstance(images_of(Places(), pairs).training, Arrays)
    assert not isinstance(images_of(Places(), CLEAN).training, Arrays)
