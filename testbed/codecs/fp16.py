"""`fp16`: features rounded to IEEE 754 half precision; above 65504 they become infinite."""

import numpy as np

from testbed.codecs.plain import Plain


class Fp16(Plain):
    """Two bytes a value."""

    name, content, lossless = "fp16", "features", False
    on_wire = np.dtype("<f2")
