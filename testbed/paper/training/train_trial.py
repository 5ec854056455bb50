"""Training a trial: its images, loaded once a process, then `training.fit`.

MobileNetV3's batch normalisation keeps averages over some hundred steps, EfficientNet's over ten. A
training as short as a study's leaves them far from the final weights, and a network that has
learned would be tested as if it had not. So they are taken again with the final weights, for every
network alike (Wu & Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3).
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.optim.swa_utils import update_bn

from testbed.data.catalog import DATASETS, open_dataset
from testbed.data.factors import Split
from testbed.data.noise import NOISES
from testbed.errors import TestbedError
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.paper.training.conflict import CONFLICTS, conflict_labels
from testbed.training.batches import Arrays, Batches, load_arrays
from testbed.training.evaluate import evaluate
from testbed.training.fit import fit
from testbed.training.process import torch_threads
from testbed.training.recipe import Recipe

if TYPE_CHECKING:  # a trial's values are in the name of its result, so its class decides nothing
    from testbed.paper.training.trial import Trial

# One for all points, so that they differ in nothing but what they say:
_IMAGES_SEED = 1234  # which images of a split
_NOISE_SEED = 4321  # noise on test images; on training images it is drawn anew each time

_AVERAGED_BATCHES = 40


class Diverged(TestbedError):
    """Training ended in weights that are no numbers."""


def train_trial(data: Mapping[str, Path], trial: "Trial") -> dict[str, float]:
    """Train and test a trial on one thread: task -> share of the test images right.

    data: data set -> where its files are. Raises BadInput for files that cannot be used, Diverged.
    """
    train, test = images_of(data, trial)
    recipe = Recipe(
        backbone=trial.backbone,
        tasks=task_classes(trial),
        input_px=trial.input_px,
        steps=trial.steps,
        batch=trial.batch,
        lr=trial.lr,
        seed=trial.seed,
        init=trial.init,
        threads=1,
    )
    labelled = _of(train, trial)
    net = fit(recipe, labelled, noise=trial.noise).net
    require_finite(net)
    with torch_threads(1):
        batches = Batches(labelled, trial.batch, trial.seed, trial.noise)
        take_averages(net, batches, min(_AVERAGED_BATCHES, trial.steps))
        return evaluate(net, _of(test, trial))


def images_of(data: Mapping[str, Path], trial: "Trial") -> tuple[Arrays, Arrays]:
    """Its training and its test images, none of them in both."""
    wanted = (trial.dataset, data.get(trial.dataset))
    px, skip = trial.input_px, trial.train_images if trial.test_from == "train" else 0
    train = arrays(*wanted, "train", trial.train_images, px)
    test = arrays(*wanted, trial.test_from, trial.test_images, px, skip, trial.noise)
    return train, test


def require_finite(net: MtlNet) -> None:
    """Raise Diverged if some weight is no number."""
    if not all(bool(torch.isfinite(weights).all()) for weights in net.parameters()):
        raise Diverged("training ended in weights that are not finite")


def take_averages(net: MtlNet, batches: Batches, count: int) -> None:
    """Batch normalisation's averages over `count` batches, with the weights as they are now."""
    update_bn((to_input(batches.at(step).images) for step in range(count)), net.shared)
    net.eval()


def task_classes(trial: "Trial") -> dict[str, int]:
    """Number of classes of each of its tasks. Raises KeyError for an unknown one."""
    known = {**DATASETS[trial.dataset], **CONFLICTS}
    return {task: known[task] for task in trial.tasks}


@lru_cache(maxsize=4)
def arrays(
    dataset: str,
    path: Path | None,
    split: Split,
    count: int,
    px: int,
    skip: int = 0,
    noise: str = "none",
) -> Arrays:
    """`count` images of a split, with labels of all tasks.

    They are drawn by lot, in the same order every time; the first `skip` drawn are passed over.
    """
    opened = open_dataset(dataset, split, path=path, tasks=tuple(DATASETS[dataset]))
    lots = np.random.default_rng(_IMAGES_SEED).permutation(len(opened))[skip : skip + count]
    loaded = load_arrays(opened, np.sort(lots).tolist(), px)
    images = NOISES[noise](loaded.images, np.random.default_rng(_NOISE_SEED))
    if dataset != "shapes3d":
        return Arrays(images, loaded.labels)
    return Arrays(images, {**loaded.labels, **conflict_labels(loaded.labels)})


def _of(loaded: Arrays, trial: "Trial") -> Arrays:
    """The same images with labels of the trial's tasks alone."""
    return Arrays(loaded.images, {task: loaded.labels[task] for task in trial.tasks})
