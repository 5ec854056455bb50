"""A network that computes nothing: what a run with it measures is the harness and the link.

Imports no torch. A chain of three blocks; features and answers are the same every time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.config.weights import Weights
from testbed.network import HEADS, RESIZE, Activation, Image, Logits


class NullNetwork:
    """`Network` without a network: the image as it is, fixed features, class 0 of every task."""

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
