"""The network a scenario names; the null one is here.

torch is imported only when a real network is asked for, so the null model starts in a fraction of
a second, also on machines where importing torch takes long.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.config.scenario import ModelSection, Scenario
from testbed.config.weights import Weights
from testbed.data.catalog import NAMES, offered_classes
from testbed.network import HEADS, RESIZE, Activation, Image, Logits, Network

_BUNDLED_FOR = "shapes3d"
"""What the weights that ship were trained for."""


def load_network(scenario: Scenario, threads: int) -> Network:
    """The scenario's network, ready to run on `threads` threads.

    Raises BadInput for tasks the data set lacks, and for weights that are missing, corrupt or of
    another network.
    """
    model = scenario.model
    if model.backbone == "null":
        return NullNetwork(model.tasks, model.feature_bytes)
    from testbed.model.torch_network import TorchNetwork

    return TorchNetwork.load(
        model_wanted(scenario), offered_tasks(scenario), scenario.seed, threads
    )


def fetch_weights(scenario: Scenario) -> None:
    """Download what both halves will need; they themselves see nothing but the emulated link.

    Raises BadInput when that cannot be had.
    """
    if scenario.model.weights == "imagenet" and scenario.model.backbone != "null":
        from testbed.model.imagenet import imagenet_state

        imagenet_state(scenario.model.backbone)


def offered_tasks(scenario: Scenario) -> Mapping[str, int]:
    """Tasks to choose from, and their classes; images without labels go with 3D Shapes' tasks.

    Raises BadInput for a labelled folder whose labels cannot be used.
    """
    workload = scenario.workload
    name = workload.dataset if workload.dataset in NAMES else _BUNDLED_FOR
    return {task: len(names) for task, names in offered_classes(name, workload.data).items()}


def model_wanted(scenario: Scenario) -> ModelSection:
    """The scenario's model. Where another data set has tasks of the same names, "auto" takes no
    weights that were trained for 3D Shapes.
    """
    model, dataset = scenario.model, scenario.workload.dataset
    other = dataset in NAMES and dataset != _BUNDLED_FOR
    shared = set(model.tasks) & set(offered_classes(_BUNDLED_FOR))
    if other and shared and model.weights == "auto":
        return model.model_copy(update={"weights": "random"})
    return model


class NullNetwork:
    """A network that computes nothing: what a run with it measures is the harness and the link.

    A chain of three blocks: the image as it is, fixed features, class 0 of every task.
    """

    backbone, input_px = "null", 0
    head_weights = hidden_weights = 0
    weights = Weights("none", "null model: accuracy says nothing")
    tables: Mapping[str, NDArray[Any]] = {}
    blocks: tuple[str, ...] = (RESIZE, "features", HEADS)

    def __init__(self, tasks: tuple[str, ...], feature_bytes: int) -> None:
        """`feature_bytes`: size of the float32 features, rounded up to whole floats."""
        self.tasks = tasks
        values = -(-feature_bytes // 4)
        # Random, so that a link that compresses gains nothing; small, so that float16 holds them.
        self._features = np.random.default_rng(0).random((1, values, 1, 1), np.float32)
        self._logits = [np.array([1.0, 0.0], np.float32) for _ in tasks]
        self.identity = f"null/{values * 4}B/{','.join(tasks)}"

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        """`x`, the features or the scores. Raises ValueError for features of another shape."""
        if start == 2 and np.shape(x) != self._features.shape:
            raise ValueError(f"features of shape {np.shape(x)}")
        if stop in (start, 1):
            return x
        return self._features if stop == 2 else self._logits

    def full(self, image: Image) -> Logits:
        """The same scores for any image."""
        return self._logits
