"""`fp32`: features as they are."""

import numpy as np

from testbed.codecs.features import Transform
from testbed.codecs.plain import Plain


class Fp32(Plain, Transform):
    """Four bytes a value."""

    name, lossless = "fp32", True
    on_wire = np.dtype("<f4")
