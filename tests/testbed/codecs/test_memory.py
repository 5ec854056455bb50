"""Small files of large images cost a server nothing, when a smaller one was announced."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from testbed.codecs import CODECS, codecs_of
from testbed.codecs.codec import Options
from testbed.errors import ProtocolError
from testbed.model.load import NullNetwork

SIDE = 3000
"""Its pixels take 27 MB."""
ALLOWED_KIB = 8_000


def peak_kib() -> int:
    """The most memory this process has needed so far (proc(5): VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def growth_kib(name: str, small: Path, large: Path) -> int:
    """How much more memory this process has needed after it met the large file, than before."""
    codec = CODECS[name].make(Options.model_validate({}), NullNetwork(("scale",), 8), "camera")
    codec.decode(memoryview(small.read_bytes()), (8, 8, 3))
    content = memoryview(large.read_bytes())
    before = peak_kib()
    try:
        codec.decode(content, (8, 8, 3))
    except ProtocolError:
        return peak_kib() - before
    raise AssertionError("not refused")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", codecs_of("image"))
def test_a_large_image_is_not_decoded_where_a_small_one_was_announced(
    name: str, tmp_path: Path
) -> None:
    codec = CODECS[name].make(CODECS[name].options(), NullNetwork(("scale",), 8), "camera")
    for file, side in (("small", 8), ("large", SIDE)):
        (tmp_path / file).write_bytes(codec.encode(np.zeros((side, side, 3), np.uint8)))
    files = f"Path({str(tmp_path / 'small')!r}), Path({str(tmp_path / 'large')!r})"
    code = f"from {__name__} import *; print(growth_kib({name!r}, {files}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    read_kib = (tmp_path / "large").stat().st_size / 1024
    assert int(ended.stdout) < ALLOWED_KIB + 2 * read_kib
