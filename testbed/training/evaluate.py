"""How often a network is right, task by task."""

from collections import Counter

import numpy as np
import torch

from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.training.batches import Source

_BATCH = 256


@torch.inference_mode()
def evaluate(net: MtlNet, data: Source, batch: int = _BATCH) -> dict[str, float]:
    """Share of right answers in 0..1 for each task of the network.

    `data`: images at the network's input size. The network stays where it is (CPU or GPU) and in
    its mode (training or evaluation). Raises ValueError without samples, KeyError when the data
    lack a task.
    """
    if not len(data):
        raise ValueError("samples: found none, allowed: at least one")
    right = Counter[str]()
    device = next((weights.device for weights in net.parameters()), torch.device("cpu"))
    was_training = net.training
    net.eval()
    try:
        for start in range(0, len(data), batch):
            chunk = data.take(np.arange(start, min(start + batch, len(data))))
            for task, scores in net(to_input(chunk.images, device)).items():
                predicted = scores.argmax(1).cpu().numpy()
                right[task] += int((predicted == chunk.labels[task]).sum())
    finally:
        net.train(was_training)
    return {task: right[task] / len(data) for task in net.tasks}
