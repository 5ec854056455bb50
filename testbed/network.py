"""A network as the halves see it: numpy in, numpy out, one cut between `head` and `tail`.

The networks themselves live in `testbed.model`; `model.load` gives the one a scenario names.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from testbed.config.weights import Weights

Image = NDArray[np.uint8]
Features = NDArray[np.float32]
Logits = list[NDArray[np.float32]]
"""One vector of class scores a task, in the order of `Network.tasks`."""


class Network(Protocol):
    """One multi-task network with one cut in it."""

    tasks: tuple[str, ...]
    identity: str
    """Names architecture, tasks and weights; both halves must hold the same one."""
    weights: Weights

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


def flatten_logits(logits: Logits) -> NDArray[Any]:
    """All class scores in one vector, for the equality check across the link."""
    return np.concatenate([np.asarray(scores, dtype="<f4").ravel() for scores in logits])
