"""`raw`: an image's pixels as they are."""

import numpy as np

from testbed.codecs.plain import Plain


class Raw(Plain):
    """One byte a value."""

    name, content, lossless = "raw", "image", True
    on_wire = np.dtype("u1")
