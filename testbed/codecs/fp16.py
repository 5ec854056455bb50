"""`fp16`: features rounded to IEEE 754 half precision; above 65504 they become infinite."""

import numpy as np

from testbed.codecs.features import Transform
from testbed.codecs.plain import Plain


class Fp16(Plain, Transform):
    """Two bytes a value."""

    name, lossless = "fp16", False
    on_wire = np.dtype("<f2")
