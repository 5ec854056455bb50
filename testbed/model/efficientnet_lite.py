"""EfficientNet-Lite0, which torchvision has not: EfficientNet-B0 as small devices do it well.

No squeeze-and-excitation, ReLU6 in place of SiLU. Padding is TensorFlow's SAME, as its published
weights were trained: where a stride meets an even side, one more row at the end than at the start.

Source: "EfficientNet-Lite", tensorflow/tpu, models/official/efficientnet/lite (README and code).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

STEM, LAST, CLASSES = 32, 1280, 1000
"""Channels of the first and of the last convolution; classes of ImageNet."""

STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""(blocks, side of the kernel, stride of the first block, widening inside, channels)."""


class EfficientNetLite0(nn.Module):
    """The whole classifier. `features`: the first convolution, 16 blocks, the last convolution."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Sequential(*_convolution(3, STEM, 3, 2), nn.ReLU6())]
        channels = STEM
        for repeats, kernel, first_stride, widening, made in STAGES:
            for number in range(repeats):
                stride = 1 if number else first_stride
                layers.append(Block(channels, made, kernel, stride, widening))
                channels = made
        layers.append(nn.Sequential(*_convolution(channels, LAST, 1, 1), nn.ReLU6()))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(LAST, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) normalised -> scores of ImageNet's classes (N, 1000)."""
        scores: Tensor = self.classifier(self.features(x).mean((2, 3)))
        return scores


class Block(nn.Module):
    """An inverted residual: widen, convolve each channel by itself, narrow; added to its input
    where both have one shape.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, widening: int) -> None:
        super().__init__()
        inner = inputs * widening
        widen = [*_convolution(inputs, inner, 1, 1), nn.ReLU6()] if widening > 1 else []
        self.layers = nn.Sequential(
            *widen,
            *_convolution(inner, inner, kernel, stride, groups=inner),
            nn.ReLU6(),
            *_convolution(inner, outputs, 1, 1),
        )
        self._adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride), rounded up."""
        made: Tensor = self.layers(x)
        return made + x if self._adds else made


class SameConvolution(nn.Conv2d):
    """With as much padding as makes ceil(side / stride) of a side, the odd row at the end."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride))."""
        around: list[int] = []
        for side, kernel, stride in zip(x.shape[:1:-1], self.kernel_size, self.stride, strict=True):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            around += [total // 2, total - total // 2]
        return super().forward(functional.pad(x, around))


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1
) -> tuple[nn.Module, nn.Module]:
    """With its normalisation. One without a stride needs the same padding on all sides."""
    make: Callable[..., nn.Conv2d] = nn.Conv2d if stride == 1 else SameConvolution
    padding = kernel // 2 if stride == 1 else 0
    made = make(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
    nn.init.kaiming_normal_(made.weight, mode="fan_out")
    return made, nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)


def renamed(published: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of the published PyTorch file under the names they have here; they come in order."""
    with torch.device("meta"):
        names = EfficientNetLite0().state_dict()
    return dict(zip(names, published.values(), strict=True))
