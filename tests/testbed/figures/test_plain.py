"""Figures are the same whatever is set for other programs that use matplotlib."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from testbed.figures import style

DRAW = """
import sys
from pathlib import Path
from testbed.figures import style
with style.applied():
    drawn = style.figure(1.0)
    axes = drawn.subplots()
    axes.plot([1, 2], [3, 4], label="a $b_c$")
    axes.set_title("title_with_underscore")
    axes.legend()
    style.write(drawn, Path(sys.argv[1]))
"""
OTHER_SETTINGS = """
text.usetex: True
savefig.dpi: 7
savefig.bbox: tight
svg.fonttype: none
font.size: 30
lines.linewidth: 9
axes.prop_cycle: cycler(color=["r"])
figure.facecolor: pink
axes.formatter.use_locale: True
backend: TkAgg
"""


def drawn(folder: Path, name: str, **environment: str) -> bytes:
    """Both files of a figure that a process of its own draws."""
    settings = {**os.environ, "MPLCONFIGDIR": str(folder), **environment}
    subprocess.run(
        [sys.executable, "-c", DRAW, folder / name], env=settings, check=True, timeout=60
    )
    return b"".join((folder / f"{name}.{ending}").read_bytes() for ending in ("png", "svg"))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return drawn(tmp_path_factory.mktemp("usual"), "usual")


@pytest.mark.parametrize(
    ("settings", "backend"),
    [
        (OTHER_SETTINGS.encode(), "TkAgg"),
        (b"", "module://matplotlib_inline.backend_inline"),
        (b"\xff\xfe no text", "no_such_backend"),
    ],
)
def test_the_users_settings_change_nothing(
    usual: bytes, tmp_path: Path, settings: bytes, backend: str
) -> None:
    (tmp_path / "matplotlibrc").write_bytes(settings)
    assert drawn(tmp_path, "mine", MPLBACKEND=backend) == usual


def test_nor_do_settings_made_before_by_the_same_program(tmp_path: Path) -> None:
    with mpl.rc_context({"text.usetex": True, "font.size": 40, "savefig.dpi": 7}):
        with style.applied():
            assert mpl.rcParams["text.usetex"] is False
            assert mpl.rcParams["font.size"] == style.FONT_PT
            assert mpl.rcParams["savefig.dpi"] == "figure"
            assert isinstance(style.figure(1.0).canvas, FigureCanvasAgg)
        assert mpl.rcParams["font.size"] == 40
