"""A real network as the halves see it: numpy in and out, one thread, inference mode."""

import warnings
from collections.abc import Mapping
from typing import Self

import numpy as np
import torch

from testbed.config.scenario import ModelSection
from testbed.config.weights import Weights
from testbed.errors import BadInput
from testbed.model.checkpoint import load_model
from testbed.model.choose import choose_weights
from testbed.model.identity import ModelIdentity
from testbed.model.mtl import MtlNet
from testbed.model.preprocess import resize_image, to_input
from testbed.network import Features, Image, Logits

# Features that came in from the network sit in a read-only buffer; nothing here writes to them.
warnings.filterwarnings("ignore", message="The given NumPy array is not writable")


class TorchNetwork:
    """`Network` over an `MtlNet`. See `testbed.network.Network` for the methods."""

    def __init__(self, net: MtlNet, identity: ModelIdentity, weights: Weights) -> None:
        self.weights = weights
        self._net = net.eval()
        self._input_px = net.input_px
        self.tasks = tuple(net.tasks)
        classes = ",".join(f"{task}:{count}" for task, count in identity.tasks)
        self.identity = f"{identity.backbone}/{identity.input_px}px/{classes}/{identity.sha256}"

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
        net, identity = load_model(source, *wanted, seed, model.hidden, model.dropout)
        return cls(net, identity, weights)

    def resize(self, image: Image) -> Image:
        """uint8 HxWx3 to the network's input size."""
        return resize_image(image, self._input_px)

    @torch.inference_mode()
    def head(self, image: Image) -> Features:
        """Shared features, 1xCxhxw float32."""
        features: Features = self._net.head(to_input(image)).numpy()
        return features

    @torch.inference_mode()
    def tail(self, features: Features) -> Logits:
        """Class scores of each task. Raises RuntimeError for features of another shape."""
        return _as_numpy(self._net.tail(torch.from_numpy(features)))

    @torch.inference_mode()
    def full(self, image: Image) -> Logits:
        """The network's own forward pass, not head and tail."""
        return _as_numpy(self._net(to_input(image)))


def _as_numpy(logits: dict[str, torch.Tensor]) -> Logits:
    return [np.asarray(scores[0].numpy()) for scores in logits.values()]
