"""What code a result depends on, on a small package made up here and on the real one."""

import subprocess
import sys
from pathlib import Path

import pytest

from testbed.paper.split.judged import CODE as JUDGING_CODE
from testbed.points import code
from testbed.points.code import made_by, modules_behind
from testbed.sweep.identity import ONLY_SHOWS, VIRTUAL_CODE, WALL_CODE

FILES = {
    "testbed/__init__.py": "",
    "testbed/first.py": "import numpy\nfrom testbed.shared import number\n",
    "testbed/second.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    from testbed.first import other\n"
        "def late():\n"
        "    from testbed.inner import deep\n"
    ),
    "testbed/shared.py": '"""Says."""\nimport json\nnumber = 1\n\ndef f():\n    """More."""\n',
    "testbed/inner/__init__.py": "",
    "testbed/inner/deep.py": "from testbed.inner import beside\nfrom emulation import law\n",
    "testbed/inner/beside.py": "",
    "testbed/inner/apart.py": "",
    "emulation/__init__.py": "",
    "emulation/law.py": "",
}
"""`first` reaches `shared`; `second` reaches `deep`, `beside`, `law`; nothing reaches `apart`."""


def written(root: Path, **changed: str) -> Path:
    """The files of the two packages; `changed`: file stem -> text added to it."""
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + changed.get(file.stem, ""))
    return root


def test_imports_are_followed_late_ones_too(tmp_path: Path) -> None:
    root = written(tmp_path)
    assert modules_behind("testbed.first", root=root) == (
        "testbed", "testbed.first", "testbed.shared",
    )  # fmt: skip
    assert modules_behind("testbed.second", root=root) == (
        "emulation", "emulation.law", "testbed", "testbed.inner", "testbed.inner.beside",
        "testbed.inner.deep", "testbed.second",
    )  # fmt: skip


def test_a_package_stands_for_all_in_it_and_rooms_can_be_left_out(tmp_path: Path) -> None:
    root = written(tmp_path)
    assert "testbed.inner.apart" in modules_behind("testbed.inner", root=root)
    without = modules_behind("testbed.second", without=("testbed.inner",), root=root)
    assert without == ("testbed", "testbed.second")


def test_an_entry_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"found no module testbed\.gone"):
        modules_behind("testbed.gone", root=written(tmp_path))


@pytest.mark.parametrize(
    ("changed", "first", "second"),
    [
        ("shared", True, False),
        ("beside", False, True),
        ("law", False, True),
        ("first", True, False),
        ("apart", False, False),
    ],
)
def test_a_change_shows_in_what_imports_it_and_nowhere_else(
    tmp_path: Path, changed: str, first: bool, second: bool
) -> None:
    before = written(tmp_path / "before")
    after = written(tmp_path / "after", **{changed: "\nx = 2\n"})
    for entry, expected in (("testbed.first", first), ("testbed.second", second)):
        assert (made_by(entry, root=before) != made_by(entry, root=after)) == expected


def test_words_and_layout_do_not_count(tmp_path: Path) -> None:
    before = written(tmp_path / "before")
    after = written(tmp_path / "after", shared="\n\n# a comment\n")
    said = (after / "testbed/shared.py").read_text()
    (after / "testbed/shared.py").write_text(said.replace("Says", "Puts").replace("More", "Less"))
    assert made_by("testbed.first", root=before) == made_by("testbed.first", root=after)


def test_only_packages_that_compute_and_are_imported_have_their_version_in_it(
    tmp_path: Path,
) -> None:
    root = written(tmp_path)
    assert made_by("testbed.first", root=root).keys() == {"code", "numpy"}
    assert made_by("testbed.second", root=root).keys() == {"code"}
    assert set(code.COMPUTING.values()) <= {
        *made_by("testbed.commands", "testbed.paper", "testbed.model", "testbed.halves")
    }


@pytest.mark.parametrize("entry", [*VIRTUAL_CODE, JUDGING_CODE, "testbed.commands.child"])
def test_nothing_that_python_loads_is_missed(entry: str) -> None:
    ask = (
        f"import sys, {entry}\n"
        "print(*(n for n in sys.modules if n.partition('.')[0] in ('testbed', 'emulation')))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", ask], text=True).split()
    assert {*loaded} <= {*modules_behind(entry)}


def test_what_only_asks_or_shows_is_not_in_it() -> None:
    points = modules_behind(*VIRTUAL_CODE, *WALL_CODE, without=ONLY_SHOWS)
    judged = modules_behind(JUDGING_CODE)
    for room in ("testbed.commands.app", "testbed.figures", "testbed.sweep", "testbed.terminal"):
        assert not [name for name in (*points, *judged) if f"{name}.".startswith(f"{room}.")]
    assert "testbed.points.worklist" not in (*points, *judged)
    assert "testbed.codecs.png" in judged and "testbed.training.fit" not in (*points, *judged)
    assert "testbed.halves.server" in points and "emulation.probe.end" in points
