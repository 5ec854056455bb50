"""Resizing camera images, and every codec both ways."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from testbed.codecs import CODECS, Bottleneck, codecs_of
from testbed.codecs.codec import Array, Codec
from testbed.data.camera import resize_image
from testbed.data.catalog import open_dataset
from testbed.devices.measure.chains import left_out
from testbed.devices.measure.timing import median_s
from testbed.devices.tables import CodecCosts, ResizeCosts, decoded_bytes
from testbed.model.load import NullNetwork
from testbed.network import CAMERA, HEADS, Image

CAMERA_PX = (64, 224, 480, 720, 1080)
TARGET_PX = (32, 64, 128, 224, 448)
FEATURES = ((576, 1, 1), (576, 2, 2), (576, 4, 4), (576, 7, 7), (1280, 7, 7), (1280, 14, 14))
CAMERA_NOISE = 2.5
BOTTLENECK_CHANNELS = 32


def camera_images() -> dict[int, Image]:
    """A rendered scene with a camera's noise at each size: what scenarios send by default."""
    return {px: camera_image(px) for px in CAMERA_PX}


def camera_image(px: int) -> Image:
    """One scene as a camera of that many pixels a side sees it."""
    scenes = open_dataset("shapes3d", "test", camera_px=px, camera_noise=CAMERA_NOISE)
    _, pictures = next(iter(scenes.batches(np.array([0]))))
    image: Image = pictures[0]
    return image


def some_features() -> list[Array]:
    """Arrays as large as backbones' outputs, with values of the size that trained ones have.

    Those of random weights are so small that converting them to float16 takes ten times as long.
    """
    random = np.random.default_rng(0)
    return [random.standard_normal((1, *shape), np.float32) for shape in FEATURES]


def measure_resize(images: dict[int, Image]) -> tuple[ResizeCosts, float]:
    """A table for each size of input, and how far they are off between the cameras' sizes."""
    by_target = {
        px: tuple(
            (float(side * side), median_s(partial(resize_image, image, px)))
            for side, image in images.items()
            if side != px
        )
        for px in TARGET_PX
    }
    off = max(left_out(curve) for curve in by_target.values())
    return ResizeCosts(by_target=by_target), off


def measure_codecs(images: Sequence[Image], features: Sequence[Array]) -> dict[str, CodecCosts]:
    """Each codec with its default options, over the bytes of these images or features."""
    costs = {}
    for content, arrays, cut in (("image", images, CAMERA), ("features", features, HEADS)):
        for name, kind in codecs_of(content).items():  # type: ignore[arg-type]
            points = [_both_ways(_made(kind, cut, array), array) for array in arrays]
            costs[name] = CodecCosts(
                encode=tuple((size, encode_s) for size, encode_s, _ in points),
                decode=tuple((size, decode_s) for size, _, decode_s in points),
            )
    return {name: costs[name] for name in CODECS}


def _made(kind: type[Codec], cut: str, array: Array) -> Codec:
    """With its default options; what must be learned, with tables that mean nothing."""
    network = NullNetwork((), 4)
    if kind.learned:
        network.tables = Bottleneck.rehearsal(array.shape[1], BOTTLENECK_CHANNELS, cut)
    return kind.make(kind.options(), network, cut)


def _both_ways(codec: Codec, array: Array) -> tuple[float, float, float]:
    """Bytes of an array, and what coding it takes each way."""
    data = bytes(codec.encode(array))
    encode_s = median_s(lambda: codec.encode(array))
    decode_s = median_s(lambda: codec.decode(memoryview(data), array.shape))
    return float(decoded_bytes(codec.name, array.shape)), encode_s, decode_s
