"""matplotlib, imported whatever is set for other programs that use it.

A backend in MPLBACKEND, or a matplotlibrc, that a notebook or another version put there can keep it
from being imported at all. Imported first in this package, before what needs it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


@contextmanager
def _nothing_set() -> Iterator[None]:
    """Within, the settings are those that matplotlib comes with."""
    spec = find_spec("matplotlib")
    before = {name: os.environ.pop(name, None) for name in ("MPLBACKEND", "MATPLOTLIBRC")}
    if spec is not None and spec.origin is not None:
        os.environ["MATPLOTLIBRC"] = str(Path(spec.origin).parent / "mpl-data" / "matplotlibrc")
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


try:
    import matplotlib
except Exception:  # whatever its parsers and validators trip over
    for _name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        del sys.modules[_name]  # half of it
    with _nothing_set():
        import matplotlib  # noqa: F401
