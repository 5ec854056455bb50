"""Learning a bottleneck at one cut of a trained network, which itself stays as it is.

It starts as the channels' principal components (Pearson, 1901), which lose least of the features,
and is trained for what matters: the answers. The frozen network is the teacher (Hinton et al.,
"Distilling the Knowledge in a Neural Network", 2015), the tasks' own losses stand beside it.
Rounding to whole steps is trained through as if it were not there (Bengio et al., 2013).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from testbed.codecs.bottleneck import MOST, Bottleneck
from testbed.codecs.codec import Options
from testbed.codecs.coders import learned_counts
from testbed.codecs.tables import Holding
from testbed.errors import BadInput
from testbed.model.checkpoint import open_model, save_model
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.training.batches import Batches, Source
from testbed.training.calibrate import fits_half
from testbed.training.journal import Journal
from testbed.training.options import training_options
from testbed.training.sources import open_sources

TEMPERATURE = 2.0
"""Softens what the teacher says, as Hinton et al. do."""
CALIBRATED_ON, COUNTED = 256, 64
"""Images that the principal components and ranges are of; whose bytes are counted."""
NOTE_EVERY = 50


@dataclass(frozen=True)
class Wanted:
    """cut: the block before it. channels: that cross. noise: as in `data.noise.noise_named`."""

    cut: str
    channels: int
    steps: int
    batch: int
    lr: float
    seed: int
    noise: str


class Maps(nn.Module):
    """Both linear maps and the rounding between them. x: (N, C, ...)."""

    def __init__(self, squeeze: Tensor, expand: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.squeeze, self.expand = nn.Parameter(squeeze), nn.Parameter(expand)
        self.bias = nn.Parameter(bias)

    def few(self, x: Tensor) -> Tensor:
        """(N, K, places)."""
        return torch.einsum("kc,ncp->nkp", self.squeeze, x.flatten(2))

    def forward(self, x: Tensor) -> Tensor:
        """What comes out behind the link, about."""
        few = self.few(x)
        low, high = few.detach().amin((0, 2)).clamp(max=0), few.detach().amax((0, 2)).clamp(min=0)
        step = ((high - low) / MOST).clamp(min=1e-12)[:, None]
        rounded = few + (torch.round(few / step) * step - few).detach()
        back = torch.einsum("ck,nkp->ncp", self.expand, rounded) + self.bias[:, None]
        return back.reshape(x.shape)


def learn(net: MtlNet, train: Source, wanted: Wanted, journal: Journal) -> dict[str, NDArray[Any]]:
    """The codec's tables for that cut.

    net: trained, in evaluation mode; it is not changed. train: images at its input size. Raises
    BadInput for a cut at which no features cross, and for more channels than cross there.
    """
    if wanted.cut not in net.blocks[:-1]:
        allowed = ", ".join(net.blocks[:-1])
        raise BadInput(f"bottleneck: found cut {wanted.cut!r}, allowed: {allowed}")
    place = net.blocks.index(wanted.cut) + 1
    channels = net.shapes[place][0]
    if not 1 <= wanted.channels < channels:
        raise BadInput(
            f"bottleneck: found {wanted.channels} channels, allowed at {wanted.cut}: 1 to "
            f"{channels - 1}"
        )
    net.requires_grad_(False)
    some = _features(net, train.take(np.arange(min(CALIBRATED_ON, len(train)))).images, place)
    maps = Maps(*principal(some, wanted.channels))
    batches = Batches(train, wanted.batch, wanted.seed, wanted.noise)
    optimizer = torch.optim.Adam(maps.parameters(), wanted.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, wanted.steps)
    for step in range(wanted.steps):
        batch = batches.at(step)
        losses = _one_step(net, maps, place, batch.images, batch.labels)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        journal.step()
        if step % NOTE_EVERY == 0 or step == wanted.steps - 1:
            journal.note(step + 1, "train", "loss", {k: v.item() for k, v in losses.items()})
    return _tables(maps.requires_grad_(False), some, wanted.cut)


def learn_file(
    source: Path, out: Path, wanted: Wanted, dataset: str, data: Path | None, show: bool
) -> None:
    """Learn a bottleneck of a file's network, and write it with all else into another file.

    Raises BadInput for an `out` that exists, and as `open_model`, `open_dataset` and `learn` do.
    """
    if out.exists():
        raise BadInput(f"out: {out} exists, allowed: a new file")
    net, card = open_model(source)
    half = fits_half(net)
    options = training_options(
        dataset,
        tuple(net.tasks),
        data=data,
        backbone=net.backbone,
        noise=wanted.noise,
        input_px=net.input_px,
        steps=wanted.steps,
        batch=wanted.batch,
        seed=wanted.seed,
        test_samples=1,
    )
    train, _ = open_sources(options, show)
    with Journal(wanted.steps, show, out.with_suffix(".csv")) as journal:
        net.tables = {**net.tables, **learn(net, train, wanted, journal)}
    notes = [*card.get("bottlenecks", []), vars(wanted) | {"from": source.name}]
    save_model(net, out, card | {"bottlenecks": notes}, half=half)


def principal(features: Tensor, channels: int) -> tuple[Tensor, Tensor, Tensor]:
    """squeeze (K, C), expand (C, K), bias (C,): the directions in which features differ most."""
    places = features.flatten(2).transpose(0, 1).flatten(1).double()  # (C, all places)
    mean = places.mean(1)
    _, vectors = torch.linalg.eigh(torch.cov(places))
    most = vectors[:, -channels:]
    bias = mean - most @ (most.T @ mean)
    return most.T.float().contiguous(), most.float().contiguous(), bias.float()


def _features(net: MtlNet, images: NDArray[np.uint8], place: int) -> Tensor:
    with torch.no_grad():
        parts = torch.split(to_input(images).contiguous(), 32)
        made = [net.run(part, 0, place) for part in parts]
    return torch.cat([each for each in made if isinstance(each, Tensor)])


def _one_step(
    net: MtlNet,
    maps: Maps,
    place: int,
    images: NDArray[np.uint8],
    labels: Mapping[str, NDArray[np.int64]],
) -> dict[str, Tensor]:
    """Loss of each task: its own, and how far its scores are from the teacher's."""
    end = len(net.blocks)
    features = _features(net, images, place)
    with torch.no_grad():
        teacher = net.run(features, place, end)
    student = net.run(maps(features), place, end)
    assert isinstance(teacher, dict) and isinstance(student, dict)  # noqa: S101  (the last block)
    losses = {}
    for task, scores in student.items():
        own = cross_entropy(scores, torch.from_numpy(labels[task]))
        soft = softmax(teacher[task] / TEMPERATURE, 1)
        apart = kl_div(log_softmax(scores / TEMPERATURE, 1), soft, reduction="batchmean")
        losses[task] = own + TEMPERATURE**2 * apart
    return losses


def _tables(maps: Maps, some: Tensor, cut: str) -> dict[str, NDArray[Any]]:
    """As the codec reads them: maps, ranges of what crosses, how often each byte comes."""
    few = maps.few(some)
    found: dict[str, NDArray[Any]] = {
        "squeeze": maps.squeeze.numpy(),
        "expand": maps.expand.numpy(),
        "bias": maps.bias.numpy(),
        "low": few.amin((0, 2)).numpy(),
        "high": few.amax((0, 2)).numpy(),
    }
    named = {f"{Bottleneck.name}/{cut}/{name}": table for name, table in found.items()}
    codec = Bottleneck.make(Options(), Holding(named), cut)
    coded = b"".join(bytes(codec.encode(each[None].numpy())) for each in some[:COUNTED])
    return named | {f"{Bottleneck.name}/{cut}/counts": learned_counts(coded)}
