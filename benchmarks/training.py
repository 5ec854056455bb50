"""What the training loop gains over the straightforward one, in images a second.

`python -m benchmarks.training [--out FILE] [--backbone NAME] [--px N] [--threads N]`. Both train
the same network on the same images in memory, in turns within one run, so that the machine's drift
falls on both. The straightforward loop is what a tutorial has: each image through torchvision's
ToTensor and Normalize, a shuffling DataLoader, torch's default layout and AdamW. Both compute in
float32. Target: at least twice as fast.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.json_file import write_json
from testbed.model.mtl import BACKBONES, MtlNet
from testbed.model.torchvision_compat import models  # noqa: F401  # torchvision can be imported now
from testbed.runs.environment import environment
from testbed.training.batches import Arrays
from testbed.training.fit import fit
from testbed.training.recipe import WEIGHT_DECAY_SHARE, Recipe

TASKS = {"scale": 8, "shape": 4}
BATCH = 64
TARGET = 2.0
_WORKERS = (0, 2)


class PerItem(Dataset[tuple[Tensor, dict[str, int]]]):
    """Images one by one, each through torchvision's transforms."""

    def __init__(self, arrays: Arrays) -> None:
        from torchvision import transforms

        self._arrays = arrays
        normalise = transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
        self._transform = transforms.Compose([transforms.ToTensor(), normalise])

    def __len__(self) -> int:
        return len(self._arrays)

    def __getitem__(self, index: int) -> tuple[Tensor, dict[str, int]]:
        labels = {task: int(values[index]) for task, values in self._arrays.labels.items()}
        return self._transform(self._arrays.images[index]), labels


class Straightforward:
    """The tutorial's loop; its network, optimiser and workers live from round to round."""

    def __init__(self, recipe: Recipe, arrays: Arrays, workers: int) -> None:
        self._net = MtlNet(recipe.backbone, recipe.tasks, recipe.input_px).train()
        self._optimizer = torch.optim.AdamW(
            self._net.parameters(), recipe.lr, weight_decay=recipe.lr * WEIGHT_DECAY_SHARE
        )
        self._threads, self._steps = recipe.threads, recipe.steps
        loader = DataLoader(
            PerItem(arrays),
            recipe.batch,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
            persistent_workers=workers > 0,
        )
        self._batches = _endless(loader)

    def round(self) -> float:
        """Images a second over the recipe's steps."""
        torch.set_num_threads(self._threads)
        criterion = nn.CrossEntropyLoss()
        began_s, count = perf_counter(), 0
        for _ in range(self._steps):
            images, labels = next(self._batches)
            logits = self._net(images)
            loss = torch.stack([criterion(logits[task], labels[task]) for task in TASKS]).sum()
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            count += len(images)
        return count / (perf_counter() - began_s)


def measure(recipe: Recipe, rounds: int) -> dict[str, list[float]]:
    """Images a second of every loop, round by round, the first round of each dropped."""
    arrays = _arrays(recipe.batch * (recipe.steps + 1), recipe.input_px)
    plain = {f"straightforward, {n} workers": Straightforward(recipe, arrays, n) for n in _WORKERS}
    speeds: dict[str, list[float]] = {"ours": [], **{name: [] for name in plain}}
    for _ in range(rounds + 1):
        speeds["ours"].append(recipe.steps * recipe.batch / fit(recipe, arrays).seconds)
        for name, loop in plain.items():
            speeds[name].append(loop.round())
    return {name: values[1:] for name, values in speeds.items()}


def compare(speeds: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Median images a second of each loop, and the median over rounds of ours divided by it."""
    return {
        name: {
            "images_per_s": statistics.median(values),
            "ratio": statistics.median(
                ours / other for ours, other in zip(speeds["ours"], values, strict=True)
            ),
        }
        for name, values in speeds.items()
    }


def _arrays(count: int, px: int) -> Arrays:
    random = np.random.default_rng(0)
    images: NDArray[np.uint8] = random.integers(0, 256, (count, px, px, 3), np.uint8)
    return Arrays(images, {task: random.integers(0, size, count) for task, size in TASKS.items()})


def _endless(
    loader: DataLoader[tuple[Tensor, dict[str, int]]],
) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
    while True:
        yield from loader


def main() -> int:
    """Measure, print a table, and say whether the target holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="also write the figures as JSON")
    parser.add_argument("--backbone", default="mobilenet_v3_small", choices=list(BACKBONES))
    parser.add_argument("--px", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=8, help="a round")
    arguments = parser.parse_args()
    recipe = Recipe(
        arguments.backbone,
        TASKS,
        arguments.px,
        arguments.steps,
        BATCH,
        threads=arguments.threads,
        device="cpu",
    )
    rows = compare(measure(recipe, arguments.rounds))
    print(f"{recipe.backbone}, {recipe.input_px} px, batch {BATCH}, {recipe.threads} thread(s)")
    for name, row in rows.items():
        print(f"{name:<28} {row['images_per_s']:8.1f} images/s   ours/this {row['ratio']:.2f}")
    worst = min(row["ratio"] for name, row in rows.items() if name != "ours")
    print(f"ratio {worst:.2f}, target {TARGET}: {'holds' if worst >= TARGET else 'MISSED'}")
    if arguments.out:
        facts = environment("none", "no link is used")
        report = {"target_ratio": TARGET, "loops": rows, "environment": facts}
        write_json(arguments.out, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
