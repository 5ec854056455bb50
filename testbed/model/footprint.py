"""What a network, or one half of it, asks of the device that runs it: memory.

Everything is for one image (batch 1), float32, in evaluation mode, as PyTorch runs it eagerly: one
operation after the other, nothing fused. A runtime that fuses operations needs less.
"""

import copy
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from testbed.model.mtl import MtlNet


def parameter_bytes(module: nn.Module) -> int:
    """Bytes of all parameters as they are held. Running statistics are in `buffer_bytes`."""
    return sum(parameter.nbytes for parameter in module.parameters())


def buffer_bytes(module: nn.Module) -> int:
    """Bytes held beside the parameters: batch normalisation's means, variances and counters."""
    return sum(buffer.nbytes for buffer in module.buffers())


def edge_bytes(net: MtlNet, cut: int) -> int:
    """What a device must hold that runs the first `cut` of `net.blocks` on one image.

    Their weights and statistics, and the most activations that exist at once; 0 for no block. The
    heads' layers never set that peak: image and features exceed what they make.
    """
    backbone = list(net.shared)
    parts: list[nn.Module] = backbone[:cut]
    if not parts:
        return 0
    peak_bytes = peak_activation_bytes(nn.Sequential(*parts), net.input_px)
    if cut > len(backbone):
        last = None if cut == len(net.blocks) else -1
        parts += [layer for head in net.heads.values() for layer in list(head.children())[:last]]
    return peak_bytes + sum(parameter_bytes(part) + buffer_bytes(part) for part in parts)


def peak_activation_bytes(module: nn.Module, input_px: int) -> int:
    """The most that exists at any one moment of one image's way through `module`.

    The image (1, 3, input_px, input_px) included: an operation's inputs and output, and whatever a
    skip connection or a later multiplication still holds. Not counted are weights and the scratch
    memory inside one operation (such as a convolution's). Traced on torch's meta device, so it
    takes no arithmetic and no such memory.
    """
    image = torch.empty(1, 3, input_px, input_px, device="meta")
    module = copy.deepcopy(module).eval().to("meta")
    with torch.no_grad(), _Storages(module, image) as storages:
        module(image)
    return int(storages.peak_bytes)


class _Storages(TorchDispatchMode):
    """Watches every operation and knows which memory behind its results still exists.

    Below modules on purpose: a skip connection's sum is no module, and is the peak of many a block.
    """

    def __init__(self, module: nn.Module, image: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        # Bytes of what exists, by its address; weights are there before and count for nothing.
        weights = [*module.parameters(), *module.buffers()]
        self._alive = {weight.untyped_storage()._cdata: 0 for weight in weights}
        self.peak_bytes = 0
        self._add(image)

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        results = func(*args, **(kwargs or {}))
        for result in tree_leaves(results):
            if isinstance(result, Tensor):
                self._add(result)
        return results

    def _add(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage._cdata not in self._alive:
            self._alive[storage._cdata] = storage.nbytes()
            self.peak_bytes = max(self.peak_bytes, sum(self._alive.values()))
            weakref.finalize(storage, self._alive.pop, storage._cdata)
