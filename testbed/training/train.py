"""Train one network on rendered 3D Shapes, measure it on unseen colours, write weights and card.

The recipe is MTL-Split's: AdamW with weight decay lr/100, the unweighted sum of the tasks'
cross-entropies, the learning rate divided by ten half-way, seed 1234. Published runs take 30 epochs
at lr 1e-4 and batch 32; the defaults here (lr 1e-3, batch 64, 5,000 steps) train from scratch on
one core in about a quarter of an hour.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import testbed
from testbed.data.shapes3d import Shapes3D
from testbed.environment import git_state
from testbed.errors import BadInput
from testbed.model.checkpoint import Card, round_to_half, save_model, write_whole
from testbed.model.mtl import MtlNet
from testbed.training.batches import batches
from testbed.training.evaluate import accuracy, spread
from testbed.training.journal import Journal
from testbed.training.recipe import WEIGHT_DECAY_SHARE, Recipe

_NOTE_EVERY = 50  # steps between rows of training loss
_TESTS = 10  # looks at a sample of the test split on the way, to show progress; nothing is chosen
_TEST_GLANCE = 500


@dataclass(frozen=True)
class Trained:
    """What a run left: the weights' file, the card in it, and the table of its progress."""

    weights: Path
    card: Card
    table: Path


def train(
    out: Path,
    backbone: str = Recipe.backbone,
    tasks: tuple[str, ...] = Recipe.tasks,
    input_px: int = Recipe.input_px,
    steps: int = Recipe.steps,
    batch: int = Recipe.batch,
    lr: float = Recipe.lr,
    seed: int = Recipe.seed,
    limit: int | None = None,
    test_samples: int = Recipe.test_samples,
    threads: int = Recipe.threads,
    show_progress: bool = True,
) -> Trained:
    """Train from scratch and write `out` (.safetensors), its card (.json) and a table (.csv).

    backbone: a name in `model.mtl.BACKBONES`. tasks: names of factors. input_px: side of the
    network's input. steps: optimiser steps of `batch` images each. lr: learning rate of the first
    half. seed: of initial weights, data order and disturbances. limit: train on that many images
    only. test_samples: size of the final test, drawn from the 120,000. threads: torch's.

    Nothing is written before the end; an interruption leaves no file. Raises BadInput for values
    no run can have, and for an `out` that exists, has another suffix or cannot be made.
    """
    recipe = Recipe(
        backbone, tuple(tasks), input_px, steps, batch, lr, seed, limit, test_samples, threads
    )
    _check_out(out)
    commit = _commit()  # of the code that runs now; the checkout may move on before the end
    with _torch_for(recipe), Journal(steps, show_progress) as journal:
        net = MtlNet(backbone, recipe.classes, input_px)
        _fit(net, recipe, journal)
        round_to_half(net)  # what is measured now is what the file will hold
        final = _test(net, recipe, test_samples)
        journal.note(steps, "test", "accuracy", final)
    table = out.with_suffix(".csv")
    card = save_model(net, out, _notes(recipe, out.name, journal, commit), half=True)
    write_whole(table, journal.csv())
    return Trained(out, card, table)


def _fit(net: MtlNet, recipe: Recipe, journal: Journal) -> None:
    """The training loop; leaves the network in evaluation mode."""
    optimizer = torch.optim.AdamW(
        net.parameters(), recipe.lr, weight_decay=recipe.lr * WEIGHT_DECAY_SHARE
    )
    half_way = max(recipe.steps // 2, 1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, half_way, gamma=0.1)
    stream = batches(recipe.tasks, recipe.input_px, recipe.batch, recipe.seed, recipe.limit)
    net.train()
    for step, (images, labels) in zip(range(1, recipe.steps + 1), stream, strict=False):
        losses = _losses(net(images), labels)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step < 2 * half_way:  # the learning rate drops once
            schedule.step()
        journal.step()
        if step % _NOTE_EVERY == 0 or step in (1, recipe.steps):
            journal.note(
                step, "train", "loss", {name: loss.item() for name, loss in losses.items()}
            )
        if step % max(recipe.steps // _TESTS, 1) == 0 and step < recipe.steps:
            journal.note(step, "test", "accuracy", _test(net, recipe, _TEST_GLANCE))
    net.eval()


def _losses(logits: dict[str, Tensor], labels: dict[str, Tensor]) -> dict[str, Tensor]:
    """Cross-entropy of each task; their plain sum is what is minimised."""
    return {task: nn.functional.cross_entropy(logits[task], labels[task]) for task in logits}


def _test(net: MtlNet, recipe: Recipe, count: int) -> dict[str, float]:
    """Accuracy of each task on `count` images of the test split, seen at the input's own size."""
    dataset = Shapes3D("test", recipe.input_px, tasks=recipe.tasks)
    count = min(count, recipe.test_samples)
    return accuracy(net, dataset, spread(len(dataset), count, recipe.seed))


def _notes(recipe: Recipe, out_name: str, journal: Journal, commit: str | None) -> dict[str, Any]:
    """What the card says beyond the architecture."""
    return {
        "data": "3D Shapes (Kim & Mnih, 2018), rendered by this project from the same factors",
        "split": "test: floor hue >= 5 and wall hue >= 5 (120,000); train: the rest (360,000)",
        "command": recipe.command(out_name),
        "seed": recipe.seed,
        "metrics": {
            "test_samples": min(recipe.test_samples, len(Shapes3D("test"))),
            "test_accuracy": journal.last("test", "accuracy"),
            "train_loss": journal.last("train", "loss"),
        },
        "commit": commit,
        "versions": {
            "split-testbed": testbed.__version__,
            **{name: version(name) for name in ("torch", "torchvision", "numpy", "pillow")},
        },
    }


def _commit() -> str | None:
    """The code's commit; None outside its own checkout."""
    git = git_state(Path(testbed.__file__).resolve().parent)
    if git is None:
        return None
    return f"{git['commit']} with local changes" if git["dirty"] else str(git["commit"])


def _check_out(out: Path) -> None:
    """Find out before training, not after it, that the result could not be written."""
    if out.suffix != ".safetensors":
        raise BadInput(f"out: found {out}, allowed: a file name that ends in .safetensors")
    for file in (out, out.with_suffix(".json"), out.with_suffix(".csv")):
        if file.exists():
            raise BadInput(f"out: {file} exists, allowed: a new file")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"out: {out.parent}: cannot be made ({error.strerror})") from error


@contextmanager
def _torch_for(recipe: Recipe) -> Iterator[None]:
    """Seed and thread count of the run; both are as before once it ends."""
    threads = torch.get_num_threads()
    torch.set_num_threads(recipe.threads)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            yield
    finally:
        torch.set_num_threads(threads)
