"""What a recipe ends in, for the version of the training: a change of it makes hours invalid.

Where this fails, the same trial gives another network than before. Either that was not meant, or
`TRAINING_VERSION` goes up and what stands here is written anew. Batches and the choice of images
are the same bits on every machine; losses differ between processors by rounding alone, in these
few steps by less than a tenth of what five per cent of the learning rate do.
"""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

import testbed.training.fit as fit_module
from testbed.paper.training.images import Places, images_of
from testbed.training.batches import Batches
from testbed.training.fit import fit
from testbed.training.journal import Journal
from testbed.training.version import TRAINING_VERSION
from tests.testbed.paper.small_trials import TRIAL
from tests.testbed.training.small import arrays, recipe

VERSION = 1
BATCHES = {
    "none": "b238090d0cb5ddce",
    "paper": "42218f06b640a058",
    "code": "98934634dccfc3f3",
    "impulse:0.8": "91e98a4e88df635e",
}
LOSSES = [1.135231, 1.191856, 1.183858, 1.074235, 1.079144]
LABELS = "277df16845fddb80"
MEAN_LEVEL = 114.5348


def digest(*values: "np.ndarray[tuple[int, ...], np.dtype[np.integer]]") -> str:
    return hashlib.sha256(b"".join(each.tobytes() for each in values)).hexdigest()[:16]


def test_the_version_is_the_one_that_these_are_of() -> None:
    assert TRAINING_VERSION == VERSION


@pytest.mark.parametrize("noise", BATCHES)
def test_batches(noise: str) -> None:
    batches = Batches(arrays(40), 8, seed=7, noise=noise)
    seen = [batches.at(step) for step in (0, 1, 7)]
    found = digest(*(part for one in seen for part in (one.images, one.labels["tone"])))
    assert found == BATCHES[noise]


def test_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_module, "_NOTE_EVERY", 1)
    journal = Journal(8, show=False)
    fit(recipe(8, batch=16), arrays(40), noise="code", journal=journal)
    found = [value for _, _, task, what, value in journal.rows if (task, what) == ("tone", "loss")]
    assert found[: len(LOSSES)] == pytest.approx(LOSSES, abs=3e-4)


def test_images_of_a_trial() -> None:
    images = images_of(Places(), replace(TRIAL, noise="none", test_from="train"))
    parts = [images.training.take(np.arange(64)), images.validation, images.test]
    assert digest(*(part.labels[task] for part in parts for task in sorted(part.labels))) == LABELS
    # Rendered in float32: a processor may round a level of a pixel otherwise.
    assert np.mean([part.images.mean() for part in parts]) == pytest.approx(MEAN_LEVEL, abs=0.01)
