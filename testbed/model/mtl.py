"""MTL-Split's network: one shared backbone, one small head a task, and the cut between them.

Source: Capogrosso et al., "MTL-Split: Multi-Task Learning for Edge Devices using Split Computing",
2024. The backbone is the whole `features` part of a torchvision network; its output is flattened;
each task has Linear(C*h*w, 256), Dropout 0.1, ReLU, Linear(256, classes).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from testbed.errors import BadInput
from testbed.model.torchvision_compat import models


def _resnet18_features() -> nn.Module:
    """ResNet has no `features`: all its layers before the pooling."""
    return nn.Sequential(*list(models.resnet18(weights=None).children())[:-2])


BACKBONES: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {
        "mobilenet_v3_small": lambda: models.mobilenet_v3_small(weights=None).features,
        "efficientnet_b0": lambda: models.efficientnet_b0(weights=None).features,
        "vgg16": lambda: models.vgg16(weights=None).features,
        "vgg16_bn": lambda: models.vgg16_bn(weights=None).features,
        "resnet18": _resnet18_features,
    }
)
"""Name -> builder of a module that maps (N, 3, H, W) to (N, C, h, w)."""


class MtlNet(nn.Module):
    """A shared backbone and its task heads.

    Attributes: backbone (name), tasks (name -> classes, ordered), input_px, hidden, dropout,
    feature_shape (C, h, w).
    """

    def __init__(
        self,
        backbone: str,
        tasks: Mapping[str, int],
        input_px: int,
        hidden: int = 256,
        dropout: float = 0.1,
    ) -> None:
        """Untrained weights from torch's global generator.

        Raises BadInput for an unknown backbone, no tasks, or an input too small for the backbone.
        """
        super().__init__()
        if backbone not in BACKBONES:
            raise BadInput(f"backbone: found {backbone!r}, allowed: {', '.join(BACKBONES)}, null")
        if not tasks:
            raise BadInput("tasks: found none, allowed: at least one")
        self.backbone, self.tasks, self.input_px = backbone, dict(tasks), input_px
        self.hidden, self.dropout = hidden, dropout
        self.shared = BACKBONES[backbone]()
        self.feature_shape = self._dry_run()
        width = self.feature_shape[0] * self.feature_shape[1] * self.feature_shape[2]
        self.heads = nn.ModuleDict(
            {name: _task_head(width, hidden, classes, dropout) for name, classes in tasks.items()}
        )

    def head(self, images: Tensor) -> Tensor:
        """The edge's half: (N, 3, H, W) float32 -> shared features (N, C, h, w)."""
        features: Tensor = self.shared(images)
        return features

    def tail(self, features: Tensor) -> dict[str, Tensor]:
        """The server's half: (N, C, h, w) -> logits (N, classes) of each task."""
        flat = features.flatten(1)
        return {name: head(flat) for name, head in self.heads.items()}

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """The whole network: tail(head(images))."""
        return self.tail(self.head(images))

    def _dry_run(self) -> tuple[int, int, int]:
        """Shape (C, h, w) of one image's features."""
        was_training = self.shared.training
        self.shared.eval()  # or batch normalisation would learn from the blank image
        try:
            with torch.inference_mode():
                shape = self.head(torch.zeros(1, 3, self.input_px, self.input_px)).shape
        except RuntimeError as error:
            raise BadInput(
                f"input_px: found {self.input_px}, too small for {self.backbone}"
            ) from error
        self.shared.train(was_training)
        return int(shape[1]), int(shape[2]), int(shape[3])


def _task_head(width: int, hidden: int, classes: int, dropout: float) -> nn.Module:
    return nn.Sequential(
        nn.Linear(width, hidden), nn.Dropout(dropout), nn.ReLU(), nn.Linear(hidden, classes)
    )
