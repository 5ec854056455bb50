"""Where a run's weights came from: told by the network, kept with the results."""

from typing import NamedTuple


class Weights(NamedTuple):
    """source: "bundled", "random", "imagenet", "none" (null model), or the file.

    untrained: why accuracy says nothing, in one line; empty for a trained network.
    """

    source: str
    untrained: str = ""
