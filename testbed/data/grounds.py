"""Photographs to set things into: those that packages ship, or the user's own. None lies here.

Each is balanced when it is opened: its red, green and blue are brought to one mean, as far as a
gain of two allows, so that what is dark or blue about a picture later is the light it was given.
Photographs are left out whose darkness or colour no such gain would hide (of stars, of a retina),
or whose terms their package does not tell.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from testbed.data.dataset import missing_extra, what_is_at
from testbed.data.factors import Split
from testbed.data.light import ONE
from testbed.data.photos import UNREADABLE, open_upright, reason
from testbed.data.split import drawn_by_name
from testbed.data.unlabelled import SUFFIXES
from testbed.errors import BadInput
from testbed.storage.files import reading

_MEAN = 112
_GAINS = (ONE // 2, 2 * ONE)
_WIDEST_PX = 1920  # a camera's own photographs are larger than what is made of them
_SKIMAGE, _SKLEARN = "skimage/data", "sklearn/datasets/images"


class Ground(NamedTuple):
    """A photograph in a package: folder and file, who made it, its terms, and the file's SHA-256.

    The sum holds the data set together: another version's picture of that name is refused.
    """

    folder: str
    file: str
    credit: str
    terms: str
    sha256: str


GROUNDS: Mapping[Split, tuple[Ground, ...]] = {
    "train": (
        Ground(
            _SKIMAGE, "astronaut.png", "NASA", "public domain",
            "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        ),
        Ground(
            _SKIMAGE, "brick.png", "CC0Textures, Bricks25", "CC0",
            "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
        ),
        Ground(
            _SKIMAGE, "coffee.png", "Rachel Michetti, courtesy of Pikolo Espresso Bar", "CC0",
            "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        ),
        Ground(
            _SKIMAGE, "coins.png", "Brooklyn Museum", "no known restrictions",
            "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
        ),
        Ground(
            _SKIMAGE, "gravel.png", "CC0Textures, Gravel04", "CC0",
            "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
        ),
        Ground(
            _SKIMAGE, "ihc.png", "Center for Microscopy And Molecular Imaging",
            "no known restrictions",
            "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef",
        ),
        Ground(
            _SKIMAGE, "rocket.jpg", "SpaceX", "public domain",
            "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        ),
        Ground(
            _SKLEARN, "china.jpg", "danielbuechele", "CC BY 2.0",
            "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        ),
    ),
    "test": (
        Ground(
            _SKIMAGE, "camera.png", "Lav Varshney", "CC0",
            "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        ),
        Ground(
            _SKIMAGE, "chelsea.png", "Stefan van der Walt", "CC0",
            "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        ),
        Ground(
            _SKIMAGE, "grass.png", "linolafett", "CC0",
            "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        ),
        Ground(
            _SKLEARN, "flower.jpg", "vultilion", "CC BY 2.0",
            "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        ),
    ),
}  # fmt: skip
"""No photograph is in both splits. Credits and terms as scikit-image 0.26 (`data/_fetchers.py`) and
scikit-learn 1.9 (`datasets/images/README.txt`) tell them."""


def packaged_photos(split: Split) -> list[Path]:
    """The files of a split's `GROUNDS`. Raises BadInput where one is not, or not as it was."""
    return [_checked(ground) for ground in GROUNDS[split]]


def own_photos(folder: Path, split: Split) -> list[Path]:
    """The pictures of a folder that go into a split, in order of their names. Raises BadInput."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: found {what_is_at(folder)}, allowed: a folder of photographs")
    with reading(folder, "a folder that can be read"):
        names = sorted(each.name for each in folder.iterdir() if each.suffix.lower() in SUFFIXES)
    if len(names) < 2:
        raise BadInput(
            f"{folder}: found {len(names)} pictures, allowed: at least 2, one for each split"
        )
    splits = drawn_by_name(names)
    return [folder / name for name in names if splits[name] == split]


@lru_cache(maxsize=64)
def balanced(file: Path) -> Pillow.Image:
    """A photograph as RGB, balanced, at most 1920 pixels wide. Raises BadInput."""
    try:
        photo = open_upright(file)
    except UNREADABLE as error:
        raise BadInput(f"{file}: found {reason(error)}, allowed: a picture") from error
    if photo.width > _WIDEST_PX:
        height = max(1, photo.height * _WIDEST_PX // photo.width)
        photo = photo.resize((_WIDEST_PX, height), Pillow.Resampling.BOX)
    sums: Sequence[int] = np.asarray(photo).sum(axis=(0, 1), dtype=np.int64).tolist()
    wanted = _MEAN * ONE * photo.width * photo.height
    gains = [min(max(wanted // max(1, found), _GAINS[0]), _GAINS[1]) for found in sums]
    return photo.point([min(255, level * gain // ONE) for gain in gains for level in range(256)])


def _checked(ground: Ground) -> Path:
    package, _, below = ground.folder.partition("/")
    spec = find_spec(package)  # not imported: only its files are wanted
    if spec is None or not spec.submodule_search_locations:
        raise missing_extra(package, "collage", "photos")
    file = Path(spec.submodule_search_locations[0]) / below / ground.file
    with reading(file, f"the photograph that {package} ships"):
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != ground.sha256:
        raise BadInput(
            f"{file}: found a picture of SHA-256 {found[:12]}..., "
            f"allowed: {ground.sha256[:12]}..., which {package} shipped when this data set was made"
        )
    return file
