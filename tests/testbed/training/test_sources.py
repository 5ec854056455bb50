"""Which images a training sees, and which it is tested on."""

from pathlib import Path

import numpy as np
import pytest

from testbed.data.factors import FACTORS
from testbed.training import sources
from testbed.training.batches import OnTheFly
from testbed.training.options import training_options
from testbed.training.sources import open_sources
from testbed.training.stored import Stored


def test_training_images_come_from_the_train_split_alone() -> None:
    options = training_options(tasks=list(FACTORS), input_px=8, test_samples=9)
    train, test = open_sources(options, show_progress=False)
    first = train.take(np.arange(60)).labels
    assert not ((first["floor_hue"] >= 5) & (first["wall_hue"] >= 5)).any()
    tested = test.take(np.arange(9)).labels
    assert ((tested["floor_hue"] >= 5) & (tested["wall_hue"] >= 5)).all()
    assert (len(train), len(test)) == (5000 * 64, 9)


def test_a_limit_draws_from_the_whole_split() -> None:
    small, large = (
        open_sources(training_options(input_px=8, limit=limit), show_progress=False)[0]
        for limit in (40, 80)
    )
    assert (len(small), len(large)) == (40, 80)
    colours = open_sources(training_options(tasks=["floor_hue"], input_px=8, limit=40), False)[0]
    assert len(set(colours.take(np.arange(40)).labels["floor_hue"].tolist())) > 5


def test_images_have_the_networks_size() -> None:
    train, _ = open_sources(training_options(input_px=24, limit=4), show_progress=False)
    assert train.take(np.arange(4)).images.shape == (4, 24, 24, 3)


def test_stored_images_are_those_that_are_drawn_at_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = training_options("collage", input_px=32, limit=4, test_samples=1)
    drawn, _ = open_sources(options, show_progress=False)
    assert isinstance(drawn, OnTheFly)
    monkeypatch.setattr(sources, "stored_images", lambda train, px, folder, say: _few(drawn, px))
    stored, unseen = open_sources(options, show_progress=False, scratch=tmp_path)
    assert isinstance(stored, Stored)
    assert isinstance(unseen, OnTheFly)
    places = np.array([3, 0])
    ours, theirs = stored.take(places), drawn.take(places)
    assert np.array_equal(ours.images, theirs.images)
    assert {task: list(labels) for task, labels in ours.labels.items()} == {
        task: list(labels) for task, labels in theirs.labels.items()
    }


def _few(drawn: OnTheFly, px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """As a whole split's file, of which these four alone are asked for."""
    images = np.zeros((len(drawn.dataset), px, px, 3), np.uint8)
    images[drawn.indices] = drawn.take(np.arange(len(drawn))).images
    return images
