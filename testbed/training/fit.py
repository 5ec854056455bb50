"""THE training loop: a recipe and labelled images in, a trained network and its accuracy out.

On one kind of processor the same recipe, data and thread count give the same network bit for bit,
whether the run was interrupted and resumed or not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from testbed.errors import BadInput
from testbed.model.begin_as import begin_as
from testbed.model.imagenet import load_imagenet
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.training.batches import Arrays, Batches, Source, sample_indices
from testbed.training.evaluate import evaluate
from testbed.training.journal import Journal
from testbed.training.process import signals_deferred, torch_threads
from testbed.training.quick_layers import quick_layers
from testbed.training.recipe import RATE_DROP, WEIGHT_DECAY_SHARE, Recipe
from testbed.training.state import State

_NOTE_EVERY = 50  # steps between rows of training loss
_GLANCES = 10  # looks at a sample of the test data on the way, to show progress
_GLANCE = 500
_SAVE_EVERY_S = 60.0  # a state of VGG16's takes well under a second to write


@dataclass(frozen=True)
class Look:
    """Looks at a network on its way: after which steps, at what, and what the journal calls it.

    Nothing is chosen by what is seen. at: accuracy of each task, 0..1; it must leave the network
    and torch's random generator as they are.
    """

    split: str
    steps: Sequence[int]
    at: Callable[[MtlNet], dict[str, float]]


def regular_steps(steps: int, count: int) -> list[int]:
    """`count` steps as evenly spread as can be, the last one included; fewer if there are fewer."""
    return sorted({max(1, steps * number // count) for number in range(1, count + 1)})


@dataclass(frozen=True)
class Fitted:
    """A trained network, on the CPU and in evaluation mode, and how it went.

    accuracy: on all test data, 0..1 for each task; empty without test data. seconds: spent on
    training steps, over all parts of a resumed run.
    """

    net: MtlNet
    accuracy: dict[str, float]
    seconds: float


def fit(
    recipe: Recipe,
    train: Source,
    *,
    test: Source | None = None,
    noise: str = "none",
    looks: Sequence[Look] = (),
    journal: Journal | None = None,
    resume: Path | None = None,
    finish: Callable[[MtlNet], None] | None = None,
) -> Fitted:
    """Train one network.

    train, test: images at `recipe.input_px`, and labels of every task. noise: a name in
    `data.noise`, drawn anew for each batch; the test data stay as they are. looks: taken on the way
    and noted in the journal. journal: gets losses and accuracies as they come (the caller has
    entered it), over all parts of a resumed run. resume: a file that keeps
    the run's state, written every minute and whenever the run ends; if it exists, training goes on
    from there. The caller removes it once the result is safe. finish: done to the trained network
    before its final test, such as rounding it to the precision it will be stored in.

    torch's thread count and random generators are as before afterwards. Raises BadInput for an
    unknown backbone, noise or device, data that do not fit the recipe, weights that cannot be had,
    and a state file of another run.
    """
    for what, data in {"train": train, "test": test}.items():
        if data is not None:
            _check(recipe, data, what)
    batches = Batches(train, recipe.batch, recipe.seed, noise)
    journal = journal or Journal(recipe.steps, show=False)
    with _torch_for(recipe) as device:
        run = _Run(recipe, batches, [*_glances(recipe, test), *looks], journal, device)
        if resume is not None:
            run.keep_in(resume, _identity(recipe, train, noise, device))
        with quick_layers(run.net) if device.type == "cpu" else nullcontext():
            run.to_the_end()
        net = run.net.eval()
        if finish:
            finish(net)
        found = {} if test is None else evaluate(net, test)
        if found:
            journal.note(recipe.steps, "test", "accuracy", found)
        net.cpu().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return Fitted(net, found, run.seconds)


class _Run:
    """One training run: network, optimiser, schedule, and how far it got."""

    def __init__(
        self,
        recipe: Recipe,
        batches: Batches,
        looks: Sequence[Look],
        journal: Journal,
        device: torch.device,
    ) -> None:
        net = MtlNet(recipe.backbone, recipe.tasks, recipe.input_px, recipe.hidden, recipe.dropout)
        if recipe.init == "imagenet":
            load_imagenet(net)
        elif recipe.init != "random":
            begin_as(net, Path(recipe.init))
        self.net = net.to(device).train()
        # The layout of the images in memory; convolutions run faster in it.
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.seconds = 0.0
        self._recipe, self._batches = recipe, batches
        self._looks, self._journal, self._device = looks, journal, device
        self._half_way = max(recipe.steps // 2, 1)
        decay = recipe.lr * WEIGHT_DECAY_SHARE
        self._optimizer = torch.optim.AdamW(
            self.net.parameters(), recipe.lr, weight_decay=decay, fused=True
        )
        self._schedule = torch.optim.lr_scheduler.StepLR(
            self._optimizer, self._half_way, gamma=RATE_DROP
        )
        self._step = 0
        self._state: State | None = None
        self._saved_s = perf_counter()

    def keep_in(self, file: Path, identity: Mapping[str, Any]) -> None:
        """Go on from `file` if it exists, and keep the state there from now on."""
        self._state = State(file, identity, self.net, self._optimizer, self._schedule)
        if file.exists():
            self._step, rows, self.seconds = self._state.load()
            self._journal.restart(self._step, rows)
        else:
            self._save()  # a place that cannot be written is found out now

    def to_the_end(self) -> None:
        """The steps that are left; an interruption saves the state on its way."""
        try:
            while self._step < self._recipe.steps:
                with signals_deferred():
                    self._advance()
                    self._note()
                if perf_counter() - self._saved_s >= _SAVE_EVERY_S:
                    self._save()
        finally:
            self._save()

    def _advance(self) -> None:
        began_s = perf_counter()
        self._losses = self._one_step(self._batches.at(self._step))
        self._step += 1
        self.seconds += perf_counter() - began_s
        self._journal.step()

    def _note(self) -> None:
        """Losses and looks, when their steps have come."""
        step, steps = self._step, self._recipe.steps
        if step % _NOTE_EVERY == 0 or step in (1, steps):
            values = {task: loss.item() for task, loss in self._losses.items()}
            self._journal.note(step, "train", "loss", values)
        for look in self._looks:
            if step in look.steps:
                self._journal.note(step, look.split, "accuracy", look.at(self.net))

    def _one_step(self, batch: Arrays) -> dict[str, Tensor]:
        """Loss of each task; their plain sum is what is minimised."""
        logits = self.net(to_input(batch.images, self._device))
        labels = {task: torch.from_numpy(batch.labels[task]).to(self._device) for task in logits}
        losses = {task: cross_entropy(scores, labels[task]) for task, scores in logits.items()}
        self._optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        if self._step + 1 < 2 * self._half_way:  # the learning rate drops once
            self._schedule.step()
        return losses

    def _save(self) -> None:
        if self._state:
            self._state.save(self._step, self._journal.rows, self.seconds)
        self._saved_s = perf_counter()


def _glances(recipe: Recipe, test: Source | None) -> list[Look]:
    """At some of the test data; the last step's is the final test."""
    if test is None:
        return []
    some = test.take(sample_indices(len(test), _GLANCE, recipe.seed))
    at = range(0, recipe.steps, max(recipe.steps // _GLANCES, 1))[1:]
    return [Look("test", at, partial(evaluate, data=some))]


def _check(recipe: Recipe, data: Source, what: str) -> None:
    """Refuse data of a wrong size or label now, not after an hour."""
    if not len(data):
        raise BadInput(f"{what}: found no sample, allowed: at least one")
    first = data.take(np.zeros(1, np.int64))
    found, allowed = first.images.shape[1:], (recipe.input_px, recipe.input_px, 3)
    if found != allowed:
        found_text, allowed_text = (" x ".join(map(str, shape)) for shape in (found, allowed))
        raise BadInput(f"{what}: images of {found_text}, allowed: {allowed_text}")
    for task, classes in recipe.tasks.items():
        if task not in first.labels:
            raise BadInput(f"{what}: found no labels of {task}, allowed: {', '.join(first.labels)}")
        if isinstance(data, Arrays):
            labels = data.labels[task]
            if labels.min() < 0 or labels.max() >= classes:
                raise BadInput(
                    f"{what}: {task}: found labels {labels.min()}..{labels.max()}, "
                    f"allowed: 0..{classes - 1}"
                )


def _identity(recipe: Recipe, train: Source, noise: str, device: torch.device) -> dict[str, Any]:
    """What must be the same for a run to be resumed; the kind of device, not the wish for one."""
    plain = asdict(recipe) | {"tasks": dict(recipe.tasks), "device": device.type}
    return plain | {"noise": noise, "training images": len(train)}


@contextmanager
def _torch_for(recipe: Recipe) -> Iterator[torch.device]:
    """Seed, thread count and device of the run; torch is as it was once it ends."""
    name = recipe.device
    if name == "cuda" and not torch.cuda.is_available():
        raise BadInput("device: found no GPU that torch can use, allowed: auto, cpu")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    with torch_threads(recipe.threads), torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        yield torch.device(name)
