"""Photographs of packages and of the user."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from testbed.data import grounds as g
from testbed.errors import BadInput


def save(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        Pillow.new("RGB", (32, 18), (number, 99, 200)).save(folder / name)
    return folder


def test_no_photograph_is_in_both_splits_and_each_has_its_terms() -> None:
    train, test = (set(g.GROUNDS[split]) for split in ("train", "test"))
    assert not {each.sha256 for each in train} & {each.sha256 for each in test}
    assert all(each.credit and each.terms for each in train | test)


def test_those_that_packages_ship_are_as_they_were() -> None:
    files = g.packaged_photos("train") + g.packaged_photos("test")
    assert len(files) == len({file.read_bytes() for file in files}) == 12


def test_another_picture_of_that_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = g.GROUNDS["test"]
    monkeypatch.setitem(g.GROUNDS, "test", (first._replace(sha256="0" * 64), *others))
    with pytest.raises(
        BadInput, match=r"camera.png: found a picture of SHA-256 b0793d2adda0\.\.\."
    ):
        g.packaged_photos("test")


def test_a_photograph_is_balanced_as_far_as_gains_go() -> None:
    for file in g.packaged_photos("test"):
        means = np.asarray(g.balanced(file)).mean(axis=(0, 1))
        assert ((means > 65) & (means < 125)).all()


def test_a_large_photograph_is_made_smaller(tmp_path: Path) -> None:
    Pillow.new("RGB", (4000, 1000), (112, 112, 112)).save(tmp_path / "wide.png")
    assert g.balanced(tmp_path / "wide.png").size == (1920, 480)


def test_one_s_own_are_in_one_split_each(tmp_path: Path) -> None:
    save(tmp_path, *(f"{number}.png" for number in range(10)))
    (tmp_path / "notes.txt").write_text("no picture")
    train, test = (g.own_photos(tmp_path, split) for split in ("train", "test"))
    assert (len(train), len(test)) == (8, 2)
    assert not set(train) & set(test)


def test_what_is_no_folder_of_photographs(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="absent: found nothing, allowed: a folder of photographs"):
        g.own_photos(tmp_path / "absent", "test")
    with pytest.raises(BadInput, match="found 1 pictures, allowed: at least 2"):
        g.own_photos(save(tmp_path, "only.png"), "test")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(BadInput, match=r"broken.jpg: found no picture Pillow knows"):
        g.balanced(tmp_path / "broken.jpg")
