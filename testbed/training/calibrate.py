"""What feature codecs learn of a trained network: ranges of features at each cut, counts of bytes.

Ranges are those of training images, channel by channel; for so few steps as `int4` has, a narrower
range whose clipped values cost less than the coarser steps would (least squared error, as in
Nagel et al., "A White Paper on Neural Network Quantization", 2021, section 3.1).
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from testbed.codecs.affine import Affine, AffineOptions, Int4, Int8, steps_between
from testbed.codecs.coders import learned_counts
from testbed.codecs.tables import Holding
from testbed.data.catalog import open_dataset
from testbed.model.checkpoint import identify, open_model, round_to_half, save_model
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.training.batches import Source, load_arrays

SAMPLES = 256
"""Images that are looked at, unless their features take more than BUDGET_BYTES at some cut."""
BUDGET_BYTES = 256 * 2**20
_COUNTED = 64
_SHARES: Mapping[type[Affine], tuple[float, ...]] = {
    Int8: (1.0,),
    Int4: (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3),
}
"""Of the whole range, those that are tried."""

Features = NDArray[np.float32]


def calibration(net: MtlNet, images: Source) -> dict[str, NDArray[Any]]:
    """Tables of `int8` and `int4` for every cut at which features cross, from the first images.

    net: in evaluation mode, on the CPU. images: at its input size.
    """
    tables: dict[str, NDArray[Any]] = {}
    for cut, features in _features(net, images):
        for codec, shares in _SHARES.items():
            low, high = range_of(features, 2**codec.bits - 1, shares)
            prefix = f"{codec.name}/{cut}"
            tables[f"{prefix}/low"], tables[f"{prefix}/high"] = low, high
            tables[f"{prefix}/counts"] = _counts(codec, features, cut)
    return tables


def calibrate_file(file: Path, dataset: str, data: Path | None) -> int:
    """Calibrate the network of a file on a data set's training images, and write it again.

    Returns how many tables it holds then. Weights, card and the precision they are stored in stay
    as they are. Raises BadInput as `open_model` and `open_dataset` do.
    """
    net, card = open_model(file)
    half = fits_half(net)
    images = open_dataset(
        dataset, "train", path=data, tasks=tuple(net.tasks), camera_px=net.input_px
    )
    order = np.random.default_rng(0).permutation(len(images))[:SAMPLES]
    net.tables = {**net.tables, **calibration(net, load_arrays(images, order, net.input_px))}
    save_model(net, file, card, half=half)
    return len(net.tables)


def fits_half(net: MtlNet) -> bool:
    """Whether storing it as float16 changes nothing, as after `round_to_half`."""
    copy = deepcopy(net)
    round_to_half(copy)
    return identify(copy) == identify(net)


@torch.inference_mode()
def _features(net: MtlNet, images: Source) -> Iterator[tuple[str, Features]]:
    """The name of each cut between two blocks, and what crosses there: (N, C, ...)."""
    largest = max(4 * prod(shape) for shape in net.shapes)
    count = max(1, min(SAMPLES, len(images), BUDGET_BYTES // largest))
    x = to_input(images.take(np.arange(count)).images).contiguous()
    for place, name in enumerate(net.blocks[:-1]):
        made = [net.run(each, place, place + 1) for each in torch.split(x, 16)]
        x = torch.cat([each for each in made if isinstance(each, torch.Tensor)])
        yield name, x.numpy()


def range_of(
    features: Features, most: int, shares: tuple[float, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each channel's least and largest value that steps 0..`most` should reach."""
    values = np.moveaxis(features, 1, 0).reshape(features.shape[1], -1)
    low, high = values.min(axis=1), values.max(axis=1)
    tried = [(low * np.float32(share), high * np.float32(share)) for share in shares]
    errors = [_error(values, *ends, most) for ends in tried] if len(tried) > 1 else [low]
    best = np.argmin(errors, axis=0), np.arange(len(low))
    return np.stack([ends[0] for ends in tried])[best], np.stack([ends[1] for ends in tried])[best]


def _error(values: Features, low: Features, high: Features, most: int) -> NDArray[np.float64]:
    """Squared error of each row of `values` when it goes in steps between these ends."""
    step, zero = (part[:, None] for part in steps_between(low, high, most))
    whole = (np.rint(values / step) + zero).clip(0, most)
    return np.asarray(((values - (whole - zero) * step) ** 2).sum(axis=1, dtype=np.float64))


def _counts(codec: type[Affine], features: Features, cut: str) -> NDArray[np.uint16]:
    """How often each byte comes, of 65,535, where every image has its own steps."""
    made = codec.make(AffineOptions(), Holding({}), cut)
    return learned_counts(b"".join(bytes(made.encode(each[None])) for each in features[:_COUNTED]))
