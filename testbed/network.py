"""A network as the halves see it: a chain of named blocks, numpy in, numpy out.

A **cut** is a place between two blocks: a position from 0, where nothing has run yet, to the number
of blocks, where everything has. Its name is that of the block before it, and `CAMERA` at 0. The
networks themselves live in `testbed.model`; `model.load` gives the one a scenario names.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from testbed.config.weights import Weights

Image = NDArray[np.uint8]
Features = NDArray[np.float32]
Logits = list[NDArray[np.float32]]
"""One vector of class scores a task, in the order of `Network.tasks`."""
Activation = NDArray[Any] | Logits
"""What there is at a cut: an image, features, or at the end of the chain the class scores."""

CAMERA, RESIZE, HIDDEN, HEADS = "camera", "resize", "hidden", "heads"
"""The cut before every block; names of blocks: the first in every network, the first layers of all
task heads, their last layers."""


class Network(Protocol):
    """One multi-task network.

    What a device's law asks of it are facts: `backbone` (torchvision's name), `input_px` (side of
    what `RESIZE` makes; 0 where it changes nothing), `head_weights` (of all tasks together),
    `hidden_weights` (of those, what the block `HIDDEN` has).
    """

    backbone: str
    input_px: int
    head_weights: int
    hidden_weights: int
    tasks: tuple[str, ...]
    identity: str
    """Names architecture, tasks and weights; both halves must hold the same one."""
    weights: Weights
    tables: Mapping[str, NDArray[Any]]
    """What codecs have learned of this network, kept beside its weights; see `codecs.tables`."""
    blocks: tuple[str, ...]
    """`RESIZE` (camera image uint8 HxWx3 to the input size, still uint8), the backbone's blocks
    (float32 features 1xCxhxw from the first on), `HIDDEN` (1xN, all tasks' side by side; a network
    may be without), `HEADS` (to `Logits`)."""

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        """What blocks `start` to `stop` - 1 make of `x`, which is not changed.

        run(run(x, 0, cut), cut, end) equals run(x, 0, end) at every cut. Raises some exception of
        numpy, PIL or torch for an `x` that does not fit the cut `start`.
        """
        ...

    def full(self, image: Image) -> Logits:
        """The whole network on a camera image by its own forward pass, not block by block.

        What the chain is checked against before a run.
        """
        ...


def cuts_of(blocks: tuple[str, ...]) -> tuple[str, ...]:
    """The name of each cut, by its position."""
    return (CAMERA, *blocks)


def published_cut(blocks: tuple[str, ...]) -> int:
    """The one of MTL-Split: between the backbone and the task heads."""
    return blocks.index(HIDDEN if HIDDEN in blocks else HEADS)


def predict(logits: Activation) -> tuple[int, ...]:
    """The best class of each task, from what there is at the end of the chain."""
    return tuple([int(scores.argmax()) for scores in logits])


def flatten_logits(logits: Activation) -> NDArray[Any]:
    """All class scores in one vector, for the equality check across the link."""
    return np.concatenate([np.asarray(scores, dtype="<f4").ravel() for scores in logits])
