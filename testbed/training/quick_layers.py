"""The same convolutions, computed the way a CPU trains them fastest.

Two kinds of layer are swapped for the time of training; weights, gradients and results are the same
up to float32 rounding. At 64 px that takes a quarter off a step of MobileNetV3-Small, at 32 px two
fifths off one of EfficientNet-B0 (one thread of an AVX-512 Xeon). For the CPU: GPUs have kernels of
their own.

1x1 convolutions become matrix products. Of depthwise ones the weight gradient is made quick: oneDNN
(behind torch on x86) takes 5 to 20 ms for that of MobileNetV3's last layers (5x5 kernels on maps of
2x2 and 4x4 pixels at 64 px input), where the forward pass takes 0.1 ms. Summed tap by tap, the same
gradient takes 0.3 to 2 ms. On larger maps oneDNN is the quicker one and is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

_LARGEST_MAP = 4  # output pixels up to which summing taps wins for any kernel
_LARGEST_MAP_OF_WIDE = 16  # and for kernels of 5x5 or more
_WIDE = 5


@contextmanager
def quick_layers(net: nn.Module) -> Iterator[None]:
    """Inside, depthwise and 1x1 convolutions of the network are quick; after, as before."""
    changed = [module for module in net.modules() if _is_plain(module)]
    for module in changed:
        module.__class__ = Pointwise if module.kernel_size == (1, 1) else Depthwise
    try:
        yield
    finally:
        for module in changed:
            module.__class__ = nn.Conv2d


class Pointwise(nn.Conv2d):
    """A 1x1 convolution as one matrix product over all pixels, as channels-last layout allows."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # the base class's name
        """(N, C, H, W) -> (N, C', H, W)."""
        pixels = input.permute(0, 2, 3, 1)
        return nn.functional.linear(pixels, self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)


class Depthwise(nn.Conv2d):
    """A depthwise convolution that chooses the quicker weight gradient for its map's size."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # the base class's name
        """(N, C, H, W) -> (N, C, h, w)."""
        output: Tensor = _Depthwise.apply(input, self.weight, self.stride[0], int(self.padding[0]))  # type: ignore[no-untyped-call]
        return output


class _Depthwise(torch.autograd.Function):
    """conv2d with one filter a channel."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        ctx.stride, ctx.padding = stride, padding
        return nn.functional.conv2d(inputs, weight, None, stride, padding, groups=inputs.shape[1])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        (gradient,) = gradients
        inputs, weight = ctx.saved_tensors
        kernel, pixels = weight.shape[-1], gradient.shape[2] * gradient.shape[3]
        sums_taps = pixels <= (_LARGEST_MAP_OF_WIDE if kernel >= _WIDE else _LARGEST_MAP)
        stride, padding, channels = ctx.stride, ctx.padding, inputs.shape[1]
        layer = (None, (stride, stride), (padding, padding), (1, 1), False, (0, 0), channels)
        wanted = (ctx.needs_input_grad[0], not sums_taps, False)
        of_inputs, of_weight, _ = torch.ops.aten.convolution_backward(
            gradient, inputs, weight, *layer, wanted
        )
        if sums_taps:
            of_weight = weight_gradient(gradient, inputs, kernel, stride, padding)
        return of_inputs, of_weight, None, None


def weight_gradient(
    gradient: Tensor, inputs: Tensor, kernel: int, stride: int, padding: int
) -> Tensor:
    """Gradient (C, 1, kernel, kernel) of a depthwise convolution's weights.

    gradient: of the output, (N, C, h, w); inputs: (N, C, H, W). Each tap's is the sum over images
    and output pixels of gradient times the input pixel that the tap saw; taps that saw nothing but
    padding get zero.
    """
    after, before = gradient.permute(0, 2, 3, 1), inputs.permute(0, 2, 3, 1)
    channels = inputs.shape[1]
    taps = gradient.new_zeros(kernel, kernel, channels)
    rows, columns = (
        [_seen(tap, size, size_after, stride, padding) for tap in range(kernel)]
        for size, size_after in zip(before.shape[1:3], after.shape[1:3], strict=True)
    )
    for down, (rows_after, rows_before) in enumerate(rows):
        for right, (columns_after, columns_before) in enumerate(columns):
            product = after[:, rows_after, columns_after] * before[:, rows_before, columns_before]
            torch.sum(product.reshape(-1, channels), 0, out=taps[down, right])
    return taps.permute(2, 0, 1).unsqueeze(1)


def _seen(tap: int, size: int, size_after: int, stride: int, padding: int) -> tuple[slice, slice]:
    """Along one axis: the output pixels for which a tap lies on the input, and where it lies."""
    offset = tap - padding
    first = max(0, -(offset // stride))
    last = min(size_after, (size - 1 - offset) // stride + 1)
    if first >= last:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return slice(first, last), slice(start, start + (last - first - 1) * stride + 1, stride)


def _is_plain(module: nn.Module) -> TypeGuard[nn.Conv2d]:
    """1x1 with stride 1, or one square filter a channel without bias; nothing unusual."""
    if type(module) is not nn.Conv2d or module.padding_mode != "zeros":
        return False
    if isinstance(module.padding, str) or module.dilation != (1, 1):
        return False
    if any(len(set(each)) > 1 for each in (module.kernel_size, module.stride, module.padding)):
        return False
    if module.groups == 1:
        return (module.kernel_size, module.stride, module.padding) == ((1, 1), (1, 1), (0, 0))
    depthwise = module.groups == module.in_channels == module.out_channels
    return depthwise and module.kernel_size != (1, 1) and module.bias is None
