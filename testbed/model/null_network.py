"""A network that computes nothing: what a run with it measures is the harness and the link.

Imports no torch. Same cut as a real network; features and answers are the same every time.
"""

import numpy as np

from testbed.config.weights import Weights
from testbed.network import Features, Image, Logits


class NullNetwork:
    """`Network` without a network: fixed features out, class 0 of every task."""

    weights = Weights("none", "null model: accuracy says nothing")

    def __init__(self, tasks: tuple[str, ...], feature_bytes: int) -> None:
        """`feature_bytes`: size of the float32 features, rounded up to whole floats."""
        self.tasks = tasks
        values = -(-feature_bytes // 4)
        # Random, so that a link that compresses gains nothing; small, so that float16 holds them.
        self._features = np.random.default_rng(0).random((1, values, 1, 1), np.float32)
        self._logits = [np.array([1.0, 0.0], np.float32) for _ in tasks]
        self.identity = f"null/{values * 4}B/{','.join(tasks)}"

    def resize(self, image: Image) -> Image:
        """The image as it is."""
        return image

    def head(self, image: Image) -> Features:
        """The same features for every image."""
        return self._features

    def tail(self, features: Features) -> Logits:
        """The same scores for any features. Raises ValueError for features of another shape."""
        if features.shape != self._features.shape:
            raise ValueError(f"features of shape {features.shape}")
        return self._logits

    def full(self, image: Image) -> Logits:
        """The same scores for any image."""
        return self._logits
