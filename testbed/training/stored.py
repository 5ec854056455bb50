"""All images of a split in one file that every process maps: made once, read in any order.

For data whose images cost more than a training step can spare, such as those of a compressed file,
and for GPUs, which outrun the renderer. The pages are shared by all processes that train on them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.lib.format import open_memmap

from testbed.data.dataset import Dataset, Image, Indices
from testbed.points.code import digest_of
from testbed.storage.files import writing
from testbed.training.batches import Arrays, load_arrays
from testbed.training.version import TRAINING_VERSION

_AT_ONCE = 4096


@dataclass(frozen=True)
class Stored:
    """Some samples of a split. images: of all of it, (N, px, px, 3) uint8, mapped. indices: (M,)
    which of them.
    """

    dataset: Dataset
    images: Image
    indices: Indices

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, positions: Indices) -> Arrays:
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""
        wanted = self.indices[positions]
        return Arrays(self.images[wanted], self.dataset.label_table(wanted))


def stored_images(
    dataset: Dataset, px: int, folder: Path, say: Callable[[str], None] = lambda line: None
) -> Image:
    """Every image of the split at px by px, from a file below `folder`, which is made if missing.

    `say`: told before it is made. Raises BadInput where the file cannot be written.
    """
    name = digest_of({**dataset.describe(), "px": px, "version": TRAINING_VERSION})
    file = folder / f"{dataset.name}-{px}-{name}.npy"
    if not file.exists():
        shape = (len(dataset), px, px, 3)
        say(f"storing {len(dataset):,} images of {px} px, {np.prod(shape) / 1e9:.1f} GB: {file}")
        with writing(f"scratch: {file}"):
            folder.mkdir(parents=True, exist_ok=True)
            _make(dataset, shape, file)
    mapped: Image = np.load(file, mmap_mode="r")
    return mapped


def _make(dataset: Dataset, shape: tuple[int, ...], file: Path) -> None:
    """Whole or not at all."""
    with NamedTemporaryFile(dir=file.parent, suffix=".unfinished", delete=False) as draft:
        pass
    try:
        images = open_memmap(draft.name, "w+", np.uint8, shape)
        for start in range(0, shape[0], _AT_ONCE):
            chunk = range(start, min(start + _AT_ONCE, shape[0]))
            images[chunk.start : chunk.stop] = load_arrays(dataset, chunk, shape[1]).images
        images.flush()
        Path(draft.name).replace(file)
    finally:
        Path(draft.name).unlink(missing_ok=True)
