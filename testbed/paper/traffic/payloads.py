"""What one request sends in each deployment: bytes of images and of features, however coded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np
import PIL.Image
from matplotlib import cbook
from numpy.typing import NDArray

from testbed.codecs.jpeg import Jpeg
from testbed.data.camera import resize_image
from testbed.data.catalog import open_dataset
from testbed.paper import sizes

SIZES = (sizes.SHAPES_INPUT, sizes.PUBLISHED_INPUT, sizes.FACES_CAMERA)
JPEG_QUALITY = 90
SENSOR_NOISE = 4.0
"""Standard deviation in 8-bit levels: chosen; a phone's camera in ordinary indoor light."""

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class SentPayload:
    """One request's bytes upward. who: "remote", or the backbone whose features are sent."""

    size: str
    who: str
    coding: str
    payload_bytes: float


REMOTE = "remote"


def image_payloads(
    size: sizes.Size, images: Mapping[str, Sequence[Image]]
) -> Iterator[SentPayload]:
    """What remote computing may send. images: where they are from -> (H, W, 3) of that size.

    JPEG is measured: the median over the images. Images larger than the network's input are also
    shrunk to that, as remote computing would.
    """
    at, small = str(size), sizes.PUBLISHED_INPUT
    for coding in ("float32", "uint8"):
        yield SentPayload(at, REMOTE, coding, size.values * sizes.VALUE_BYTES[coding])
    for source, found in images.items():
        yield SentPayload(at, REMOTE, f"JPEG, {source}", jpeg_bytes(found))
    if size.height > small.height:
        yield SentPayload(at, REMOTE, "resized, uint8", small.values)
        for source, found in images.items():
            shrunk = [resize_image(picture, small.height) for picture in found]
            yield SentPayload(at, REMOTE, f"resized, JPEG, {source}", jpeg_bytes(shrunk))


def feature_payloads(size: sizes.Size, backbones: Sequence[str]) -> Iterator[SentPayload]:
    """What split computing sends: features as float32 and float16."""
    for backbone, coding in product(backbones, ("float32", "float16")):
        values = sizes.feature_values(backbone, size)
        yield SentPayload(str(size), backbone, coding, values * sizes.VALUE_BYTES[coding])


def jpeg_bytes(pictures: Sequence[Image]) -> float:
    """Median length of the pictures as JPEG, with the codec that runs use."""
    codec = Jpeg(quality=JPEG_QUALITY)
    return median(codec.encode(picture).nbytes for picture in pictures)


def pictures(
    size: sizes.Size, count: int, seed: int, data: Mapping[str, Path]
) -> dict[str, list[Image]]:
    """Where from -> images of that size: rendered, the same with noise, a photograph, the user's.

    The user's are the first of the test split. Images that cannot give that size without being
    enlarged are left out. Raises BadInput for files that cannot be used.
    """
    found = {
        "rendered": rendered(size, count, 0.0, seed),
        "rendered with noise": rendered(size, count, SENSOR_NOISE, seed),
    }
    portrait = seen_at(photograph(), size)
    if portrait is not None:
        found["photograph"] = [portrait]
    for name, path in data.items():
        dataset = open_dataset(name, "test", path=path)
        first = (seen_at(dataset.image(i), size) for i in range(min(count, len(dataset))))
        own = [picture for picture in first if picture is not None]
        if own:
            found[name] = own
    return found


def rendered(size: sizes.Size, count: int, noise: float, seed: int) -> list[Image]:
    """Scenes of the test split, seeded, cut to the middle where the size is no square."""
    side = max(size.height, size.width)
    dataset = open_dataset("shapes3d", "test", camera_px=side, camera_noise=noise, seed=seed)
    chosen = np.random.default_rng(seed).choice(len(dataset), count, replace=False)
    top, left = (side - size.height) // 2, (side - size.width) // 2
    window = np.s_[top : top + size.height, left : left + size.width]
    return [np.ascontiguousarray(dataset.image(int(i))[window]) for i in chosen]


def photograph() -> Image:
    """A photograph of 512x600 that comes with matplotlib (Grace Hopper, by the US Navy)."""
    file = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    with PIL.Image.open(file) as opened:
        return np.asarray(opened.convert("RGB"))


def seen_at(picture: Image, size: sizes.Size) -> Image | None:
    """The picture at that size: as it is or shrunk to a square, never enlarged."""
    height, width = picture.shape[:2]
    if (height, width) == (size.height, size.width):
        return picture
    if size.height == size.width and min(height, width) >= size.height:
        return resize_image(picture, size.height)
    return None
