"""torchvision's ImageNet weights (IMAGENET1K_V1) for a backbone; only its heads stay untrained.

MTL-Split's published code starts from these weights for FACES, and from none for its other data.
They need images normalised as ImageNet's; see `normalise.py`.
"""

import hashlib
import pickle
import sys
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch

from testbed.errors import BadInput
from testbed.model.mtl import BACKBONES, MtlNet, features_of
from testbed.model.torchvision_compat import models
from testbed.storage.files import reading

_CANNOT_BE_HAD = (OSError, RuntimeError, pickle.UnpicklingError, EOFError, BadZipFile)


def load_imagenet(net: MtlNet) -> None:
    """Fill `net.shared` and have it see images normalised as ImageNet's; the heads are left alone.

    Raises BadInput as `imagenet_state` does, and for tensors of another network.
    """
    state = imagenet_state(net.backbone)
    with torch.device("meta"):
        whole = models.get_model(net.backbone, weights=None)
    try:
        whole.load_state_dict(state, assign=True)
    except RuntimeError as error:
        raise BadInput(
            f"weights: {imagenet_file(net.backbone)}: its tensors are not those of {net.backbone}, "
            f"allowed: {_weights(net.backbone).url}"
        ) from error
    net.shared.load_state_dict(features_of(whole).state_dict())
    net.normalise_as("imagenet")


def imagenet_file(backbone: str) -> Path:
    """Where the weights are kept, or would be: the folder all of torch's downloads go to."""
    return Path(torch.hub.get_dir()) / "checkpoints" / str(_weights(backbone).url).split("/")[-1]


def imagenet_state(backbone: str) -> dict[str, Any]:
    """Tensors of the whole published classifier, fetched where they are not there yet.

    Raises BadInput, one line, for an unknown backbone; for weights that can not be fetched, with
    the address and where to put the file by hand; and for a file that is not what its name says
    (the name holds the start of its SHA-256).
    """
    weights, file = _weights(backbone), imagenet_file(backbone)
    if file.exists():
        _check(file, weights.url)
    try:
        state: dict[str, Any] = weights.get_state_dict(
            progress=sys.stderr.isatty(), check_hash=True, weights_only=True, map_location="cpu"
        )
    except _CANNOT_BE_HAD as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise BadInput(
            f"weights: imagenet: {weights.url} cannot be had ({reason}), "
            f"allowed: that file as {file}, or weights: random"
        ) from error
    return state


def _weights(backbone: str) -> Any:
    if backbone not in BACKBONES:
        raise BadInput(f"backbone: found {backbone!r}, allowed: {', '.join(BACKBONES)}")
    return models.get_model_weights(backbone)["IMAGENET1K_V1"]


def _check(file: Path, url: str) -> None:
    """torch checks a download, not a file that was put there. Their names end in the hash."""
    allowed = file.stem.rpartition("-")[2]
    with reading(f"weights: {file}", f"the file of {url}"), file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if not digest.startswith(allowed):
        raise BadInput(
            f"weights: {file}: damaged: its sha256 begins with {digest[: len(allowed)]}, "
            f"allowed: {allowed}, as its name says; remove it, or put there the file of {url}"
        )
