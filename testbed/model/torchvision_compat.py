"""The one place that imports torchvision.

A torchvision wheel built for CUDA beside a CPU-only torch cannot load its compiled operators. Its
Python code then registers fake kernels for `torchvision::nms` and `torchvision::qnms`, which do
not exist, and `import torchvision` fails. No model here uses either operator: declaring their
schemas is enough for the import to pass. A torchvision whose operators do load is left alone.

It also imports torch's compiler, which makes a folder for what it compiles among the temporary
files. Nothing is compiled here: it is told of one that is there.
"""

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir

import torch

_OPERATORS = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _load_compiled_operators() -> None:
    """Load torchvision's own library first, if it loads, so that nothing it has is declared."""
    spec = find_spec("torchvision")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for library in Path(folder).glob("_C*.so"):
            with suppress(OSError):
                torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]


def _declare_absent_operators() -> torch.library.Library:
    """Declare what is absent. The declarations last as long as the returned object."""
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name in _OPERATORS:
        if not hasattr(torch.ops.torchvision, name):
            library.define(name + _SCHEMA)  # type: ignore[no-untyped-call]
    return library


os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", gettempdir())
_load_compiled_operators()
_declarations = _declare_absent_operators()

from torchvision import models  # noqa: E402  # only now can it be imported
from torchvision.models import vgg  # noqa: E402

__all__ = ["models", "vgg"]
