"""Weights on disk: a safetensors file that says what it is, and a model card beside it.

The file's own metadata carries the whole card, so weights are never guessed at; the `.json` beside
it is the same card for people. Filters and matrices may be stored as float16; they are float32 once
loaded. Tables that codecs have learned of the network (`codecs/tables.py`) lie in the same file,
unrounded, with a digest of their own.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, PositiveInt, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from testbed.codecs.tables import tables_identity
from testbed.config.complaint import first_line
from testbed.config.scenario import Dropout, Hidden, InputPx
from testbed.errors import BadInput
from testbed.model.choose import HIDDEN, IMAGENET, choose_weights
from testbed.model.imagenet import load_imagenet
from testbed.model.mtl import BACKBONES, MtlNet
from testbed.model.normalise import NORMALISATIONS
from testbed.storage.files import atomic_write, reading
from testbed.storage.strict_json import loads

FORMAT = "split-testbed-model-1"
DEFAULT_INPUT_PX = 64
_TABLE = "codec/"
"""What the names of codecs' tables begin with in a file; no weight's name does."""

Card = dict[str, Any]


class _Architecture(BaseModel):
    """What a card must say, as far as the network is built from it."""

    backbone: str
    tasks: dict[str, PositiveInt]
    input_px: InputPx
    hidden: Hidden
    dropout: Dropout
    normalisation: dict[str, Any]
    sha256: str


def load_model(
    weights: str | Path,
    backbone: str,
    tasks: Mapping[str, int],
    input_px: int | None = None,
    seed: int = 0,
    hidden: int = HIDDEN,
    dropout: float = 0.1,
) -> tuple[MtlNet, str]:
    """The network a run uses, in evaluation mode, and the digest of its weights.

    `weights`: as in a scenario, or what `choose_weights` made of it. Random ones, and the heads
    beside ImageNet's, come from `seed`. A file may hold more tasks than `tasks`; their heads are
    left out. `input_px`: None takes the file's own, 64 for random weights. `dropout` is that of
    random weights; it has no effect in evaluation.

    Raises BadInput (one line: file, what was found, what is allowed) for an unknown backbone, a
    missing or damaged file, and weights of another backbone, other tasks, another input size or
    heads of another width.
    """
    if backbone not in BACKBONES:
        raise BadInput(f"backbone: found {backbone!r}, allowed: {', '.join(BACKBONES)}, null")
    source, _ = choose_weights(weights, backbone, tasks, input_px, hidden)
    if isinstance(source, Path):
        net = _load_checked(source, backbone, tasks, input_px, hidden)
    else:
        net = random_net(backbone, tasks, input_px or DEFAULT_INPUT_PX, seed, hidden, dropout)
        if source == IMAGENET:
            load_imagenet(net)
    net.eval().requires_grad_(False)
    return net, identify(net)


def open_model(file: Path) -> tuple[MtlNet, Card]:
    """Whatever network a file holds, with all its heads, in evaluation mode; and its card.

    Raises BadInput for a missing or damaged file.
    """
    card, tensors = _read(file)
    net = _built(file, card, tensors)
    net.eval().requires_grad_(False)
    return net, card


def random_net(
    backbone: str,
    tasks: Mapping[str, int],
    input_px: int,
    seed: int,
    hidden: int = HIDDEN,
    dropout: float = 0.1,
) -> MtlNet:
    """An untrained network; the same weights for the same seed. Leaves torch's generator alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return MtlNet(backbone, tasks, input_px, hidden, dropout)


def identify(net: MtlNet) -> str:
    """SHA-256 over names, shapes and float32 values of all weights, however a file stored them.

    Two halves compare it, to know that they hold the same network.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(net.state_dict().items()):
        digest.update(f"{name}{list(tensor.shape)}".encode())
        digest.update(tensor.detach().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def save_model(net: MtlNet, file: Path, notes: Mapping[str, Any], half: bool = False) -> Card:
    """Write weights with the codecs' tables, and card, each whole or not at all; returns the card.

    `notes`: what the card says beyond the architecture (data, command, seed, metrics, ...).
    `half`: store filters and matrices as float16, after `round_to_half`; biases and running
    statistics stay float32. `file` ends in .safetensors; the card is `<name>.json` beside it.
    """
    if half:
        round_to_half(net)
    tensors = {name: _stored(tensor, half) for name, tensor in net.state_dict().items()}
    for name, table in net.tables.items():
        tensors[_TABLE + name] = torch.from_numpy(np.ascontiguousarray(table))
    card = {
        "backbone": net.backbone,
        "tasks": net.tasks,
        "input_px": net.input_px,
        "hidden": net.hidden,
        "dropout": net.dropout,
        "normalisation": NORMALISATIONS[net.normalisation],
        **notes,
        "sha256": identify(net),
    }
    if net.tables:
        card["tables_sha256"] = tables_identity(net.tables)
    metadata = {"format": FORMAT, "card": json.dumps(card)}
    file.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(file.with_suffix(".json"), json.dumps(card, indent=2) + "\n")
    atomic_write(file, save(tensors, metadata))
    return card


def round_to_half(net: MtlNet) -> None:
    """Give filters and matrices the values they would have after a round trip through float16.

    A caller that measures a network it will store that way does this first, so that what it
    measured is what the file holds.
    """
    with torch.no_grad():
        for tensor in net.state_dict().values():
            tensor.copy_(_stored(tensor, half=True).to(tensor.dtype))


def _stored(tensor: Tensor, half: bool) -> Tensor:
    tensor = tensor.detach().contiguous()
    return tensor.half() if half and tensor.ndim > 1 else tensor.clone()


def _load_checked(
    file: Path, backbone: str, tasks: Mapping[str, int], input_px: int | None, hidden: int
) -> MtlNet:
    """The network of a file, if it is the one that was asked for."""
    card, tensors = _read(file)
    asked = {"backbone": backbone, "input_px": input_px or card["input_px"], "hidden": hidden}
    if not tasks.items() <= card["tasks"].items():
        asked["tasks"] = dict(tasks)
    for key, value in asked.items():
        if card[key] != value:
            raise BadInput(
                f"weights: {file}: {key}: found {_shown(card[key])}, allowed here: {_shown(value)}"
            )
    net = _built(file, card, tensors)
    net.keep_tasks(tuple(tasks))
    return net


def _built(file: Path, card: Card, tensors: dict[str, Tensor]) -> MtlNet:
    """All that the file holds. Raises BadInput where card and tensors do not go together."""
    found = card["normalisation"]
    named = [name for name, known in NORMALISATIONS.items() if known == found]
    if not named:
        allowed = ", ".join(f"{name} {dict(known)}" for name, known in NORMALISATIONS.items())
        raise BadInput(f"weights: {file}: normalisation: found {found}, allowed: {allowed}")
    with torch.device("meta"):  # takes no memory, whatever the card asks for
        wanted = {n: t.shape for n, t in _network(card, named[0]).state_dict().items()}
    if wanted != {n: t.shape for n, t in tensors.items() if not n.startswith(_TABLE)}:
        raise BadInput(
            f"weights: {file}: its tensors are not those of {card['backbone']}, "
            "allowed: a file that `testbed train` wrote"
        )
    net = _network(card, named[0])
    net.tables = {
        name.removeprefix(_TABLE): tensors.pop(name).numpy()
        for name in list(tensors)
        if name.startswith(_TABLE)
    }
    net.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    # safetensors itself does not notice changed values
    _check_digest(file, "weights", identify(net), card["sha256"])
    _check_digest(file, "codec tables", tables_identity(net.tables), card.get("tables_sha256", ""))
    return net


def _network(card: Card, normalisation: str) -> MtlNet:
    """The network that a card speaks of, untrained."""
    net = MtlNet(*(card[key] for key in ("backbone", "tasks", "input_px", "hidden", "dropout")))
    net.normalise_as(normalisation)
    return net


def _check_digest(file: Path, what: str, found: str, noted: object) -> None:
    if found != noted:
        raise BadInput(
            f"weights: {file}: damaged: sha256 of its {what}: found {found[:12] or 'none'}..., "
            f"allowed: {str(noted)[:12] or 'none'}... as its card says"
        )


def _read(file: Path) -> tuple[Card, dict[str, Tensor]]:
    """Card and tensors as stored; what `_load_checked` reads of the card is there."""
    if not file.is_file():
        found = "a folder" if file.is_dir() else "no such file"
        raise BadInput(
            f"weights: {file}: {found}, "
            "allowed: auto, bundled, random, imagenet, or a file that `testbed train` wrote"
        )
    with (
        reading(f"weights: {file}", "a file that `testbed train` wrote", SafetensorError),
        safe_open(file, framework="pt") as opened,
    ):
        metadata = opened.metadata() or {}
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    if metadata.get("format") != FORMAT:
        raise BadInput(
            f"weights: {file}: format: found {metadata.get('format', 'none')}, allowed: {FORMAT}"
        )
    try:
        card = loads(metadata.get("card", ""))
        missing = _Architecture.model_fields.keys() - card.keys()
    except (ValueError, AttributeError) as error:
        raise BadInput(f"weights: {file}: its card is damaged ({error})") from error
    if missing:
        raise BadInput(f"weights: {file}: its card lacks {', '.join(sorted(missing))}")
    try:
        _Architecture.model_validate(card, strict=True)
    except ValidationError as error:
        raise BadInput(f"weights: {file}: {first_line(error, 'card')}") from None
    return card, tensors


def _shown(value: object) -> str:
    """Tasks as `scale (8), shape (4)`, anything else as it is."""
    if isinstance(value, dict):
        return ", ".join(f"{name} ({classes})" for name, classes in value.items())
    return str(value)
