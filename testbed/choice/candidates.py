"""What may be chosen: every cut with the codecs that make sense there, and the three classics.

Enumerated, not searched: some hundred deployments are all computed in virtual time. They are
written as a scenario's entries are, so each can be copied into a file.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from testbed.codecs.affine import Int8
from testbed.codecs.bottleneck import Bottleneck
from testbed.codecs.tables import tables_of
from testbed.config.deployments import LOCAL, DeploymentEntry
from testbed.halves.deployment import feature_cuts
from testbed.network import Network, cuts_of, published_cut

QUALITIES = (30, 50, 70, 90)
LOSSY = ("jpeg", "webp", "avif")
LOSSLESS = ("raw", "png")
SLOW = ("avif", "png")
"""Coding a whole camera image with these takes an edge device seconds: only resized ones are."""
OWN_SCALE = ("fp16", "fp16+zstd", "int8+zstd", "int4+zstd")
CALIBRATED = ("int8+range", "int4+range", "int4+zstd")
"""With a scale for each channel, where the network's file has them."""
LEARNED = ("bottleneck+zstd", "bottleneck+range")
"""Where the network's file has a bottleneck for the cut."""
GRID_QUALITY = 90
BETWEEN = 2
"""A size between the camera's and the network's: so many times the network's side."""

_CLASSICS: tuple[Any, ...] = (
    LOCAL,
    {"remote": {"codec": "raw", "resize": "model"}},
    {"split": {"codec": "fp16"}},
)
"""LoC, RoC and SC, the three that the field compares."""

_ENTRIES: TypeAdapter[tuple[DeploymentEntry, ...]] = TypeAdapter(tuple[DeploymentEntry, ...])


def entries_of(asked: Sequence[Any]) -> tuple[DeploymentEntry, ...]:
    """Entries as a scenario's file has them."""
    return _ENTRIES.validate_python(list(asked))


def candidates(network: Network, camera_px: int) -> tuple[DeploymentEntry, ...]:
    """Deployments of this network, the classics first.

    camera_px: the shorter side of the camera's images.
    """
    asked = [*_CLASSICS, *_images(network.input_px, camera_px), *_features(network)]
    unique = {str(entry): entry for entry in asked}
    return entries_of(list(unique.values()))


def image_grid(sides: Sequence[int], qualities: Sequence[int]) -> tuple[DeploymentEntry, ...]:
    """Whole images as PNG and as JPEG of each quality, shrunk to each side, and local beside them.

    Without sides, the network's input; without qualities, one.
    """
    asked: list[Any] = [LOCAL]
    for resize in sides or ("model",):
        asked.append({"remote": {"codec": "png", "resize": resize}})
        for quality in qualities or (GRID_QUALITY,):
            asked.append({"remote": {"codec": "jpeg", "quality": quality, "resize": resize}})
    return entries_of(asked)


def classics() -> tuple[DeploymentEntry, ...]:
    """LoC, RoC and SC as published."""
    return entries_of(_CLASSICS)


def _images(input_px: int, camera_px: int) -> Iterator[Any]:
    """RoC: at the network's size, at the camera's, and between them."""
    sizes: list[str | int] = ["model", "none"]
    if BETWEEN * input_px < camera_px:
        sizes.insert(1, BETWEEN * input_px)
    for resize in sizes:
        for codec in LOSSY:
            if resize != "none" or codec not in SLOW:
                for quality in QUALITIES:
                    yield {"remote": {"codec": codec, "quality": quality, "resize": resize}}
    for codec in LOSSLESS:
        yield {"remote": {"codec": codec, "resize": "model"}}


def _features(network: Network) -> Iterator[Any]:
    """SC: at every cut behind which there is something left to do."""
    published = cuts_of(network.blocks)[published_cut(network.blocks)]
    for cut in feature_cuts(network.blocks):
        place: dict[str, Any] = {} if cut == published else {"cut": cut}
        for codec in OWN_SCALE:
            yield {"split": {**place, "codec": codec}}
        if tables_of(network, Int8.name, cut):
            for codec in CALIBRATED:
                yield {"split": {**place, "codec": codec, "scale": "channel"}}
        if tables_of(network, Bottleneck.name, cut):
            for codec in LEARNED:
                yield {"split": {**place, "codec": codec}}
