"""What a popular summary tool calls a network's memory.

Source: torchsummary 1.5.1 (github.com/sksq96/pytorch-summary, `torchsummary.py`), whose output for
a backbone at 2835x3543 explains two published figures, see `study.py`. Its rule, in our words: the
outputs of every module except containers and the outermost, added up as if all existed at once,
and twice, for gradients that inference does not have. It counts a block's output again as the
output of its last layer, and writes MB for 2^20 bytes.
"""

import torch
from torch import Tensor, nn

from testbed.paper.sizes import CHANNELS, FLOAT32_BYTES, Size

MIB = 2**20
_CONTAINERS = (nn.Sequential, nn.ModuleList)


def layer_sum_bytes(module: nn.Module, size: Size) -> int:
    """The tool's "forward/backward pass size" of one image, in bytes.

    `module` is on torch's meta device and in evaluation mode.
    """
    outputs: list[int] = []

    def note(_: nn.Module, __: object, output: object) -> None:
        if isinstance(output, Tensor):
            outputs.append(output.numel())

    counted = [m for m in module.modules() if m is not module and not isinstance(m, _CONTAINERS)]
    hooks = [inner.register_forward_hook(note) for inner in counted]
    try:
        with torch.no_grad():
            module(torch.empty(1, CHANNELS, size.height, size.width, device="meta"))
    finally:
        for hook in hooks:
            hook.remove()
    return 2 * FLOAT32_BYTES * sum(outputs)
