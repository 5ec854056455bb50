"""A network as the halves see it: numpy in, numpy out, one cut between `head` and `tail`.

`load_network` gives the one a scenario names. Real networks live in `testbed.model`; torch is
imported only when one of them is asked for, so the null model starts in a fraction of a second.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from testbed.scenario import Scenario

Image = NDArray[np.uint8]
Features = NDArray[np.float32]
Logits = list[NDArray[np.float32]]
"""One vector of class scores a task, in the order of `Network.tasks`."""


class Network(Protocol):
    """One multi-task network with one cut in it."""

    tasks: tuple[str, ...]
    identity: str
    """Names architecture, tasks and weights; both halves must hold the same one."""

    def resize(self, image: Image) -> Image:
        """Camera image, uint8 HxWx3, to the network's input size, still uint8."""
        ...

    def head(self, image: Image) -> Features:
        """Shared backbone: resized image to float32 features 1xCxhxw."""
        ...

    def tail(self, features: Features) -> Logits:
        """Task heads: features to class scores."""
        ...

    def full(self, image: Image) -> Logits:
        """The whole network on a resized image; tail(head(x)) must equal it."""
        ...


def predict(logits: Logits) -> tuple[int, ...]:
    """The best class of each task."""
    return tuple(int(scores.argmax()) for scores in logits)


def load_network(scenario: Scenario, threads: int) -> Network:
    """The scenario's network, ready to run on `threads` threads.

    Raises BadInput for weights that are missing, corrupt or of another network.
    """
    model = scenario.model
    if model.backbone == "null":
        from testbed.model.null_network import NullNetwork

        return NullNetwork(model.tasks, model.feature_bytes)
    from testbed.model.torch_network import TorchNetwork

    return TorchNetwork.load(model, scenario.seed, threads)


def flatten_logits(logits: Logits) -> NDArray[Any]:
    """All class scores in one vector, for the equality check across the link."""
    return np.concatenate([np.asarray(scores, dtype="<f4").ravel() for scores in logits])
