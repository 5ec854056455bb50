"""`fp32`: features as they are."""

import numpy as np

from testbed.codecs.plain import Plain


class Fp32(Plain):
    """Four bytes a value."""

    name, content, lossless = "fp32", "features", True
    on_wire = np.dtype("<f4")
