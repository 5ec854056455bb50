"""A real network as the halves see it: numpy in and out, one thread, inference mode."""

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from testbed.config.scenario import ModelSection
from testbed.config.weights import Weights
from testbed.data.camera import resize_image
from testbed.errors import BadInput
from testbed.model.checkpoint import load_model
from testbed.model.choose import choose_weights
from testbed.model.footprint import edge_bytes
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.network import RESIZE, Activation, Image, Logits

# Features that came in from the network sit in a read-only buffer; nothing here writes to them.
warnings.filterwarnings("ignore", message="The given NumPy array is not writable")


class TorchNetwork:
    """`Network` over an `MtlNet`. See `testbed.network.Network` for the methods."""

    def __init__(self, net: MtlNet, sha256: str, weights: Weights) -> None:
        self.weights = weights
        self._net = net.eval()
        self.backbone, self.input_px = net.backbone, net.input_px
        heads = list(net.heads.named_parameters())
        self.head_weights = sum(weight.numel() for _, weight in heads)
        self.hidden_weights = sum(weight.numel() for name, weight in heads if ".0." in name)
        self.tasks = tuple(net.tasks)
        self.blocks = (RESIZE, *net.blocks)
        self.tables = net.tables
        classes = ",".join(f"{task}:{count}" for task, count in net.tasks.items())
        self.identity = f"{net.backbone}/{net.input_px}px/{classes}/{sha256}"

    @classmethod
    def load(cls, model: ModelSection, offered: Mapping[str, int], seed: int, threads: int) -> Self:
        """`offered`: tasks of the data set and their classes, among them those of the scenario.

        Raises BadInput for a task that is not, and as `checkpoint.load_model` does.
        """
        unknown = [task for task in model.tasks if task not in offered]
        if unknown:
            raise BadInput(f"model.tasks: found {unknown[0]!r}, allowed: {', '.join(offered)}")
        torch.set_num_threads(threads)
        tasks = {task: offered[task] for task in model.tasks}
        wanted = (model.backbone, tasks, model.input_px)
        source, weights = choose_weights(model.weights, *wanted, model.hidden)
        net, sha256 = load_model(source, *wanted, seed, model.hidden, model.dropout)
        return cls(net, sha256, weights)

    @torch.inference_mode()
    def run(self, x: Activation, start: int, stop: int) -> Activation:
        """Blocks `start` to `stop` - 1. Raises ValueError for another shape, or several images."""
        if isinstance(x, list) or start == stop:
            return x
        if start == 0:
            x = resize_image(x, self.input_px)
        if stop == 1:
            return x
        tensor = torch.from_numpy(x) if start > 1 else _prepared(x)
        if len(tensor) != 1:
            raise ValueError(f"{len(tensor)} images, allowed: one")
        made = self._net.run(tensor, max(start, 1) - 1, stop - 1)
        return _as_numpy(made) if isinstance(made, dict) else made.numpy()

    @torch.inference_mode()
    def full(self, image: Image) -> Logits:
        """The network's own forward pass."""
        return _as_numpy(self._net(_prepared(resize_image(image, self.input_px))))

    def edge_bytes(self, cut: int) -> int:
        """Memory that the blocks before a cut take on the edge; see `footprint.edge_bytes`."""
        return edge_bytes(self._net, max(cut - 1, 0))

    @torch.inference_mode()
    def run_batch(self, x: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
        """As `run`, of many: resized images (N, H, W, 3) at cut 1, features (N, ...) behind it.

        stop: before the last block. Raises ValueError for another shape.
        """
        made = self._net.run(_batch(x, start), start - 1, stop - 1)
        if isinstance(made, dict):
            raise ValueError(f"stop {stop}, allowed: below {len(self.blocks)}")
        return made.numpy()

    @torch.inference_mode()
    def classes(self, x: NDArray[Any], start: int) -> NDArray[np.int64]:
        """The best class of each task (N, tasks), from what `run_batch` takes at that cut."""
        made = self._net.run(_batch(x, start), start - 1, len(self.blocks) - 1)
        if not isinstance(made, dict):
            raise ValueError(f"start {start}, allowed: before the last block")
        return np.stack([scores.argmax(1).numpy() for scores in made.values()], axis=1)


def _batch(x: NDArray[Any], start: int) -> torch.Tensor:
    """Images (N, H, W, 3) or features as the network takes them."""
    return torch.from_numpy(x) if start > 1 else to_input(x).contiguous()


def _prepared(image: Image) -> torch.Tensor:
    """One image of the input's size as the network's input, plane after plane."""
    return to_input(image[None]).contiguous()


def _as_numpy(logits: dict[str, torch.Tensor]) -> Logits:
    return [np.asarray(scores[0].numpy()) for scores in logits.values()]
