"""How often a network is right, task by task, on images of any data set."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from testbed.data.arrays import Arrays
from testbed.data.dataset import Dataset
from testbed.model.mtl import MtlNet
from testbed.model.preprocess import resize_image
from testbed.training.batches import Source, as_source

Image = NDArray[np.uint8]
_BATCH = 256


def evaluate(net: MtlNet, data: Arrays | Source, batch: int = _BATCH) -> dict[str, float]:
    """Share of right answers in 0..1 for each task of the network.

    `data`: images at the network's input size. The network stays where it is (CPU or GPU) and in
    its mode (training or evaluation). Raises ValueError without samples, KeyError when the data
    lack a task.
    """
    source = as_source(data)
    if not len(source):
        raise ValueError("samples: found none, allowed: at least one")
    right = dict.fromkeys(net.tasks, 0)
    was_training = net.training
    net.eval()
    try:
        for start in range(0, len(source), batch):
            chunk = source.take(np.arange(start, min(start + batch, len(source))))
            for task, count in _right(net, chunk).items():
                right[task] += count
    finally:
        net.train(was_training)
    return {task: count / len(source) for task, count in right.items()}


def accuracy(
    net: MtlNet,
    dataset: Dataset,
    samples: Sequence[int],
    through: Callable[[Image], Image] | None = None,
) -> dict[str, float]:
    """As `evaluate`, on the camera's images of a data set.

    `samples`: indices into the data set. `through`: what happens to a camera image before it is
    resized to the network's input (such as a trip through JPEG).
    """
    return evaluate(net, _Camera(dataset, samples, net.input_px, through))


def sample_indices(total: int, count: int, seed: int) -> list[int]:
    """`count` different samples out of `total` (all of them if there are fewer), ascending."""
    chosen = np.random.default_rng(seed).permutation(total)[:count]
    return [int(sample) for sample in np.sort(chosen)]


def to_network(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Images (N, H, W, 3) -> float32 (N, 3, H, W) in -1..1, laid out channels last.

    The values are those of `model.preprocess.batch_to_input`; the layout is the images' own, so
    nothing is copied but the bytes that cross to the device, and convolutions run faster in it.
    """
    planes = torch.from_numpy(images).to(device).permute(0, 3, 1, 2)
    return planes.float().mul_(1 / 127.5).sub_(1)


class _Camera:
    """A source of what a camera sees, on its way to the network."""

    def __init__(
        self,
        dataset: Dataset,
        samples: Sequence[int],
        px: int,
        through: Callable[[Image], Image] | None,
    ) -> None:
        self._dataset, self._samples, self._px, self._through = dataset, samples, px, through

    def __len__(self) -> int:
        return len(self._samples)

    def take(self, positions: NDArray[np.int64]) -> Arrays:
        chosen = [int(self._samples[position]) for position in positions]
        labels = [self._dataset.labels(sample) for sample in chosen]
        return Arrays(
            np.stack([self._prepared(self._dataset.image(sample)) for sample in chosen]),
            {task: np.array([each[task] for each in labels]) for task in self._dataset.tasks},
        )

    def _prepared(self, image: Image) -> Image:
        return resize_image(image if self._through is None else self._through(image), self._px)


@torch.inference_mode()
def _right(net: MtlNet, data: Arrays) -> dict[str, int]:
    """How many answers are right for each task."""
    device = next((weights.device for weights in net.parameters()), torch.device("cpu"))
    predicted = {
        task: scores.argmax(1).cpu().numpy()
        for task, scores in net(to_network(data.images, device)).items()
    }
    return {task: int((chosen == data.labels[task]).sum()) for task, chosen in predicted.items()}
