"""MTL-Split's network: one shared backbone, one small head a task; a chain that any cut divides.

Source: Capogrosso et al., "MTL-Split: Multi-Task Learning for Edge Devices using Split Computing",
2024. The backbone is the whole `features` part of a published network; its output is flattened;
each task has Linear(C*h*w, 256), Dropout 0.1, ReLU, Linear(256, classes).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from testbed.errors import BadInput
from testbed.model.efficientnet_lite import EfficientNetLite0
from testbed.model.normalise import normalisation
from testbed.model.torchvision_compat import models, vgg
from testbed.network import HEADS, HIDDEN


class Backbone(nn.Sequential):
    """A classifier's layers without their end. blocks: what the classifier calls each."""

    def __init__(self, layers: Mapping[str, nn.Module]) -> None:
        super().__init__(*layers.values())
        self.blocks = tuple(layers)


def classifier(name: str) -> nn.Module:
    """The untrained ImageNet classifier that a backbone is part of."""
    if name == "efficientnet_lite0":
        return EfficientNetLite0()
    whole: nn.Module = models.get_model(name, weights=None)
    return whole


def features_of(whole: nn.Module) -> Backbone:
    """The backbone within such a classifier: `features`; ResNet's layers before pooling."""
    features = getattr(whole, "features", None)
    if isinstance(features, nn.Module):
        return Backbone({f"features.{name}": part for name, part in features.named_children()})
    return Backbone(dict(list(whole.named_children())[:-2]))


def _vgg16_features(batch_norm: bool) -> Backbone:
    """With torchvision's own initial values, but without the classifier behind it.

    That is nine tenths of VGG16: half a gigabyte, made only to be dropped.
    """
    layers = vgg.make_layers(vgg.cfgs["D"], batch_norm)
    with torch.device("meta"):
        return features_of(vgg.VGG(layers))


def _features(name: str) -> Backbone:
    return features_of(classifier(name))


BACKBONES: Mapping[str, Callable[[], Backbone]] = {
    "mobilenet_v3_small": partial(_features, "mobilenet_v3_small"),
    "efficientnet_b0": partial(_features, "efficientnet_b0"),
    "efficientnet_lite0": partial(_features, "efficientnet_lite0"),
    "vgg16": partial(_vgg16_features, batch_norm=False),
    "vgg16_bn": partial(_vgg16_features, batch_norm=True),
    "resnet18": partial(_features, "resnet18"),
}
"""torchvision's name, or else the usual one -> builder of (N, 3, H, W) to (N, C, h, w)."""

SHRINKS_BY = 32
"""All of them: h is H / 32. VGG rounds down, so its smallest image is that large."""


class MtlNet(nn.Module):
    """A shared backbone and its task heads: multi-task (MTL), or with one task single-task (STL).

    Inputs are those of `normalise.to_input`, -1..1, whatever the backbone was trained on.
    Attributes: backbone (name), tasks (name -> classes, ordered), input_px, hidden, dropout,
    normalisation (name in `normalise.NORMALISATIONS`), blocks (names: the backbone's, then the two
    layers of the heads), tables (what codecs have learned of it; see `testbed.codecs.tables`).
    """

    def __init__(
        self,
        backbone: str,
        tasks: Mapping[str, int],
        input_px: int,
        hidden: int = 256,
        dropout: float = 0.1,
    ) -> None:
        """Untrained weights from torch's global generator. hidden: width of each head.

        Raises BadInput for an unknown backbone, no tasks or one that torch cannot name so, or an
        input too small for the backbone.
        """
        super().__init__()
        if backbone not in BACKBONES:
            raise BadInput(f"backbone: found {backbone!r}, allowed: {', '.join(BACKBONES)}, null")
        if not tasks:
            raise BadInput("tasks: found none, allowed: at least one")
        self.backbone, self.tasks, self.input_px = backbone, dict(tasks), input_px
        self.hidden, self.dropout = hidden, dropout
        self.normalise_as("half")
        self.shared = BACKBONES[backbone]()
        self.blocks = (*self.shared.blocks, HIDDEN, HEADS)
        self.tables: Mapping[str, NDArray[Any]] = {}
        self._backbone_shapes = self._dry_run()
        width = prod(self._backbone_shapes[-1])
        self.heads = nn.ModuleDict()
        for name, classes in tasks.items():
            first, last = nn.Linear(width, hidden), nn.Linear(hidden, classes)
            try:
                self.heads[name] = nn.Sequential(first, nn.Dropout(dropout), nn.ReLU(), last)
            except KeyError as error:  # torch's modules are attributes, too
                allowed = "a name without dots that torch's ModuleDict does not have itself"
                raise BadInput(f"tasks: found {name!r}, allowed: {allowed}") from error

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """The whole network: (N, 3, H, W) float32 -> logits (N, classes) of each task."""
        return self.tail(self.head(images))

    def head(self, images: Tensor) -> Tensor:
        """The whole backbone: (N, 3, H, W) float32 -> shared features (N, C, h, w)."""
        features: Tensor = self.shared(self.normalise(images))
        return features

    def tail(self, features: Tensor) -> dict[str, Tensor]:
        """The task heads: (N, C, h, w) -> logits (N, classes) of each task."""
        flat = features.flatten(1)
        return {name: head(flat) for name, head in self.heads.items()}

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of one image before each block: (3, H, W), ..., the features' (C, h, w), what is hidden
        of all tasks, side by side.
        """
        return (*self._backbone_shapes, (len(self.tasks) * self.hidden,))

    def run(self, x: Tensor, start: int, stop: int) -> Tensor | dict[str, Tensor]:
        """What blocks `start` to `stop` - 1 make of `x`: logits, if the heads are among them.

        `x` is left as it is, also where a block works in place (torchvision's ReLUs do). Raises
        ValueError for an `x` that is not one batch of what comes before block `start`.
        """
        if start == stop:
            return x
        if tuple(x.shape[1:]) != self.shapes[start]:
            raise ValueError(f"shape {tuple(x.shape)}, allowed: (N, {self.shapes[start]})")
        if start == 0:
            x = self.normalise(x)
        parts = list(self.shared)[start:stop]
        if parts and getattr(parts[0], "inplace", False):
            x = x.clone()
        for part in parts:
            x = part(x)
        backbone = len(self.shared)
        if start <= backbone < stop:
            flat = x.flatten(1)
            x = torch.cat([head[:-1](flat) for head in self._heads()], dim=1)
        return self._scores(x) if stop == len(self.blocks) else x

    def normalise_as(self, name: str) -> None:
        """Give the backbone images normalised in another way, as its weights need them."""
        self.normalisation = name
        self.normalise = normalisation(name)

    def keep_tasks(self, tasks: Sequence[str]) -> None:
        """Drop every head but those of `tasks`, which come in that order from now on."""
        self.tasks = {task: self.tasks[task] for task in tasks}
        self.heads = nn.ModuleDict({task: self.heads[task] for task in tasks})

    def _heads(self) -> list[nn.Sequential]:
        return [head for head in self.heads.values() if isinstance(head, nn.Sequential)]

    def _scores(self, hidden: Tensor) -> dict[str, Tensor]:
        """The heads' last layers, each on its own part."""
        parts = torch.split(hidden, self.hidden, dim=1)
        each = zip(self.tasks, self._heads(), parts, strict=True)
        return {name: head[-1](part.contiguous()) for name, head, part in each}

    def _dry_run(self) -> tuple[tuple[int, ...], ...]:
        """Shape of one image before each block, without the batch."""
        was_training = self.shared.training
        self.shared.eval()  # or batch normalisation would learn from the blank image
        x = torch.zeros(1, 3, self.input_px, self.input_px)
        shapes = [tuple(x.shape[1:])]
        try:
            with torch.inference_mode():
                for part in self.shared:
                    x = part(x)
                    shapes.append(tuple(x.shape[1:]))
        except RuntimeError as error:
            raise BadInput(
                f"input_px: found {self.input_px}, too small for {self.backbone}, "
                f"allowed: {SHRINKS_BY} or more"
            ) from error
        self.shared.train(was_training)
        return tuple(shapes)
