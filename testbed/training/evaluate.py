"""How often a network is right, task by task, on images of any data set."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from testbed.data.dataset import Dataset
from testbed.model.mtl import MtlNet
from testbed.model.preprocess import batch_to_input, resize_image

Image = NDArray[np.uint8]
_BATCH = 128


def accuracy(
    net: MtlNet,
    dataset: Dataset,
    samples: Sequence[int],
    through: Callable[[Image], Image] | None = None,
) -> dict[str, float]:
    """Share of right answers in 0..1 for each task of the network.

    `samples`: indices into the data set. `through`: what happens to a camera image before it is
    resized to the network's input (such as a trip through JPEG). The network's mode (training or
    evaluation) is left as it was. Raises ValueError without samples, KeyError when the data set
    lacks a task.
    """
    if not len(samples):
        raise ValueError("samples: found none, allowed: at least one")
    right = dict.fromkeys(net.tasks, 0)
    was_training = net.training
    net.eval()
    with torch.inference_mode():
        for start in range(0, len(samples), _BATCH):
            chosen = [int(sample) for sample in samples[start : start + _BATCH]]
            images = [_prepared(dataset.image(sample), net.input_px, through) for sample in chosen]
            logits = net(batch_to_input(np.stack(images)))
            labels = [dataset.labels(sample) for sample in chosen]
            for task, scores in logits.items():
                truth = torch.tensor([label[task] for label in labels])
                right[task] += int((scores.argmax(1) == truth).sum())
    net.train(was_training)
    return {task: count / len(samples) for task, count in right.items()}


def spread(total: int, count: int, seed: int) -> list[int]:
    """`count` different samples out of `total` (all of them if there are fewer), ascending."""
    chosen = np.random.default_rng(seed).permutation(total)[:count]
    return [int(sample) for sample in np.sort(chosen)]


def _prepared(image: Image, px: int, through: Callable[[Image], Image] | None) -> Image:
    return resize_image(image if through is None else through(image), px)
