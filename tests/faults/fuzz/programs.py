"""Files that are programs: pickles that call what they like when somebody loads them."""

import builtins
import io
import os
import pickle
import subprocess
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st

EXECUTED = "EXECUTED"
"""The file that a command makes, where it works, when it runs what an input brings."""


class _Calling:
    """Becomes a call when it is loaded."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


_CALLS = (
    _Calling(os.system, f"touch {EXECUTED}"),
    _Calling(subprocess.call, ["touch", EXECUTED]),
    _Calling(builtins.exec, f"open({EXECUTED!r}, 'w')"),
    _Calling(builtins.open, EXECUTED, "w"),
    _Calling(torch.load, EXECUTED),
)
_PLACES: tuple[Callable[[_Calling], Any], ...] = (
    lambda call: call,
    lambda call: {"format": "split-testbed-training-1", "identity": {}, "net": call},
    lambda call: {"format": call, "identity": call},
    lambda call: [call],
)


def _as_torch_writes(content: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


PROGRAMS = st.builds(
    lambda call, place, write: write(place(call)),
    st.sampled_from(_CALLS),
    st.sampled_from(_PLACES),
    st.sampled_from([_as_torch_writes, pickle.dumps]),
)
"""Each a call, somewhere in what a training state or a checkpoint may be taken for."""
