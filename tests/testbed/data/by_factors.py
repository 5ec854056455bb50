"""Images of 3D Shapes by what they show."""

import numpy as np

from testbed.data.factors import FACTORS


def index_of(*combination: int) -> int:
    """Dataset index of six factor indices."""
    return int(np.ravel_multi_index(combination, tuple(FACTORS.values())))
