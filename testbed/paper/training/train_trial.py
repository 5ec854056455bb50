"""Training a trial, resumably, with its learning curve; then its test.

MobileNetV3's batch normalisation keeps averages over some hundred steps, EfficientNet's over ten:
short trainings leave them far from the final weights, and a network that has learned would be
tested as if it had not. So they are taken again with the final weights, for every network alike
(Wu & Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3). The curve on the way is of the
network as it stands.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.optim.swa_utils import update_bn

from testbed.data.catalog import DATASETS
from testbed.errors import TestbedError
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.paper.training.conflict import CONFLICTS
from testbed.paper.training.images import Places, images_of
from testbed.training.batches import Arrays, Batches
from testbed.training.evaluate import evaluate
from testbed.training.fit import Look, fit, regular_steps
from testbed.training.journal import Journal, Row
from testbed.training.process import torch_threads
from testbed.training.recipe import Recipe

if TYPE_CHECKING:
    from testbed.paper.training.trial import Trial

_AVERAGED_BATCHES = 40
_VALIDATION = "validation"


class Diverged(TestbedError):
    """Training ended in weights that are no numbers."""


def train_trial(places: Places, trial: "Trial", state: Path | None = None) -> dict[str, Any]:
    """Train and test a trial on one thread, or go on with it.

    state: where an unfinished training is kept; the caller removes it once the result is safe.
    Returns plain values: `accuracy` (task -> share of the test images right), `guessing` (task ->
    share right for who always names the commonest class), `curve` (`step`, and for each task the
    shares of the validation images right) and `training_s`. Raises BadInput for files that cannot
    be used, Diverged.
    """
    images = images_of(places, trial)
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
        device=trial.device,
    )
    journal = Journal(recipe.steps, show=False)
    looks = Look(
        _VALIDATION,
        regular_steps(trial.steps, trial.looks),
        partial(evaluate, data=images.validation),
    )
    fitted = fit(
        recipe, images.training, noise=trial.noise, looks=[looks], journal=journal, resume=state
    )
    require_finite(fitted.net)
    net = fitted.net.to(torch.device(trial.device))
    with torch_threads(1), torch.random.fork_rng():
        batches = Batches(images.training, trial.batch, trial.seed, trial.noise)
        take_averages(net, batches, min(_AVERAGED_BATCHES, trial.steps))
        accuracy = evaluate(net, images.test)
    return {
        "accuracy": accuracy,
        "guessing": {task: commonest(images.test, task) for task in trial.tasks},
        "curve": curve_of(journal.rows, trial.tasks),
        "training_s": fitted.seconds,
    }


def require_finite(net: MtlNet) -> None:
    """Raise Diverged if some weight is no number."""
    if not all(bool(torch.isfinite(weights).all()) for weights in net.parameters()):
        raise Diverged("training ended in weights that are not finite")


def take_averages(net: MtlNet, batches: Batches, count: int) -> None:
    """Batch normalisation's averages over `count` batches, with the weights as they are now."""
    device = next(net.parameters()).device
    update_bn((to_input(batches.at(step).images, device) for step in range(count)), net.shared)
    net.eval()


def task_classes(trial: "Trial") -> dict[str, int]:
    """Number of classes of each of its tasks. Raises KeyError for an unknown one."""
    known = {**DATASETS[trial.dataset], **CONFLICTS}
    return {task: known[task] for task in trial.tasks}


def commonest(images: Arrays, task: str) -> float:
    """Share of the images that are of the commonest class."""
    return float(np.bincount(images.labels[task]).max() / len(images))


def curve_of(rows: list[Row], tasks: tuple[str, ...]) -> Mapping[str, list[Any]]:
    """Steps, and each task's accuracies after them, of a journal."""
    seen = [(step, task, value) for step, split, task, _, value in rows if split == _VALIDATION]
    steps = list(dict.fromkeys(step for step, _, _ in seen))
    return {"step": steps} | {task: [v for _, of, v in seen if of == task] for task in tasks}
