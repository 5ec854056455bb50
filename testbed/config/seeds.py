"""One seed in the scenario, one independent stream for each random dimension of a run."""

from zlib import crc32

import numpy as np


def seed_for(seed: int, dimension: str) -> int:
    """The seed of one dimension ("link", "samples", ...) of a run seeded `seed`.

    Streams of different names are independent (numpy's SeedSequence), so changing how many
    numbers one of them draws leaves the others as they were.
    """
    sequence = np.random.SeedSequence([seed, crc32(dimension.encode())])
    return int(sequence.generate_state(1, np.uint32)[0])
