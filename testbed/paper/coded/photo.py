"""The published 115 MB on a real photograph of that size, with real weights.

EfficientNet-Lite0 takes the photograph as the camera took it, 9.8 megapixels, 118 MB as float32.
What crosses at three of its cuts is coded, decoded, and the rest of the network answers: is that
still its answer? Beside it the photograph itself through the codecs for images.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor

from testbed.codecs import CODECS
from testbed.codecs.codec import Codec
from testbed.codecs.tables import Holding
from testbed.data.camera import resize_image
from testbed.data.photos import open_upright
from testbed.data.unlabelled import SUFFIXES
from testbed.errors import BadInput
from testbed.model.efficientnet_lite import EfficientNetLite0
from testbed.model.imagenet import imagenet_state
from testbed.model.normalise import normalisation, to_input
from testbed.network import Image

BACKBONE, PUBLISHED = "efficientnet_lite0", "features.17"
CUTS = ("features.6", "features.15", PUBLISHED)
INPUT_PX = 224
DEBIAN = Path("/usr/share/backgrounds/Wine_by_Jakkub_Mede.jpg")
CREDIT = "Jakub Mede, 2018, CC BY 4.0, of the Debian package lomiri-wallpapers-16.04"
FEATURE_CODECS = ("fp32", "fp16", "int8+zstd", "int4+zstd")
IMAGE_CODECS: Mapping[str, tuple[int, ...]] = {"jpeg": (30, 50, 70, 90), "webp": (50, 90)}


def photograph(folder: Path | None) -> Path:
    """The largest of a folder, or Debian's. Raises BadInput where there is none."""
    if folder is None:
        if not DEBIAN.is_file():
            raise BadInput(
                f"found no {DEBIAN}, allowed: {DEBIAN.parent} as Debian's "
                "lomiri-wallpapers-16.04 fills it, or --data collage=FOLDER"
            )
        return DEBIAN
    files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES]
    if not files:
        raise BadInput(f"--data collage: found no picture in {folder}, allowed: photographs")
    return max(files, key=_pixels)


def _pixels(file: Path) -> int:
    with Pillow.open(file) as opened:
        return opened.width * opened.height


@torch.inference_mode()
def coded(image: Image, network: EfficientNetLite0) -> pd.DataFrame:
    """A row a cut and a codec: bytes, and whether the network's answer is the same.

    image: (H, W, 3). network: a classifier with `features` and `classifier`.
    """
    at_cuts, scores = _whole(network, image)
    answer = int(scores.argmax())
    rows = []
    for cut, codec, size_bytes, found in (*_images(network, image), *_features(network, at_cuts)):
        share = float(found.softmax(0)[answer])
        rows.append(
            {
                "crosses at": cut,
                "codec": codec,
                "bytes": size_bytes,
                "same answer": int(found.argmax()) == answer,
                "its probability": share,
            }
        )
    return pd.DataFrame(rows)


def network() -> EfficientNetLite0:
    """With its ImageNet weights. Raises BadInput where their package is not installed."""
    whole = EfficientNetLite0()
    whole.load_state_dict(imagenet_state(BACKBONE))
    return whole.eval()


def _whole(network: EfficientNetLite0, image: Image) -> tuple[dict[str, Tensor], Tensor]:
    """What crosses at each cut, and the scores of the photograph as it is."""
    x, kept = _input(image), {}
    for name, block in network.features.named_children():
        x = block(x)
        if f"features.{name}" in CUTS:
            kept[f"features.{name}"] = x
    return kept, _scores(network, x)


def _features(
    network: EfficientNetLite0, at_cuts: Mapping[str, Tensor]
) -> Iterator[tuple[str, str, int, Tensor]]:
    for cut, x in at_cuts.items():
        behind = network.features[int(cut.rpartition(".")[2]) + 1 :]
        for name in FEATURE_CODECS:
            codec = _codec(name, cut)
            array: NDArray[np.float32] = x.numpy()
            data = codec.encode(array)
            came = torch.from_numpy(np.array(codec.decode(data, array.shape)))
            yield cut, name, data.nbytes, _scores(network, behind(came))


def _images(network: EfficientNetLite0, image: Image) -> Iterator[tuple[str, str, int, Tensor]]:
    sizes = {"camera": image, f"shrunk to {INPUT_PX} px": resize_image(image, INPUT_PX)}
    for place, seen in sizes.items():
        yield place, "raw", seen.nbytes, _answer(network, seen)
        for name, qualities in IMAGE_CODECS.items():
            for quality in qualities:
                codec = _codec(name, place, quality=quality)
                data = codec.encode(seen)
                came = codec.decode(data, seen.shape)
                yield place, f"{name}-q{quality}", data.nbytes, _answer(network, came)


def _codec(name: str, cut: str, **options: int) -> Codec:
    """One that has learned nothing of any network."""
    kind = CODECS[name]
    return kind.make(kind.options(**options), Holding({}), cut)


def _answer(network: EfficientNetLite0, image: Image) -> Tensor:
    return _scores(network, network.features(_input(image)))


def _scores(network: EfficientNetLite0, features: Tensor) -> Tensor:
    """The classifier's, of one image."""
    scores: Tensor = network.classifier(features.mean((2, 3)))[0]
    return scores


def _input(image: Image) -> Tensor:
    made: Tensor = normalisation("efficientnet_lite")(to_input(np.array(image)[None]))
    return made


def opened(file: Path) -> Image:
    """The photograph upright, (H, W, 3). Raises BadInput."""
    return np.asarray(open_upright(file))
