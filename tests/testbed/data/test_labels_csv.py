"""What a table of labels may be, and what is said of one that is not."""

from pathlib import Path

import pytest

from testbed.data.labels_csv import read_labels
from testbed.errors import BadInput

GOOD = """file,task,class,split
a.jpg,animal,cat,train
a.jpg,place,house,train
b.jpg,animal,dog,train
b.jpg,place,garden,train
c.jpg,animal,dog,test
c.jpg,place,house,test
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "labels.csv").write_text(GOOD)
    return tmp_path


def test_classes_are_the_names_found_sorted(folder: Path) -> None:
    labels = read_labels(folder)
    assert labels.classes == {"animal": ("cat", "dog"), "place": ("garden", "house")}
    assert labels.files["c.jpg"] == {"animal": "dog", "place": "house"}
    assert labels.splits == {"a.jpg": "train", "b.jpg": "train", "c.jpg": "test"}
    assert not labels.drawn


def test_without_a_split_one_is_drawn_by_name(tmp_path: Path) -> None:
    lines = ["file,task,class"]
    for number in range(20):
        (tmp_path / f"{number}.png").touch()
        lines.append(f"{number}.png,parity,{'odd' if number % 2 else 'even'}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    labels = read_labels(tmp_path)
    assert labels.drawn
    assert list(labels.splits.values()).count("test") == 4
    (tmp_path / "labels.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]))
    assert read_labels(tmp_path).splits == labels.splits


def test_the_mark_that_some_programs_put_in_front_is_no_column(folder: Path) -> None:
    (folder / "labels.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert list(read_labels(folder).classes) == ["animal", "place"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("class,split", "label,split", "line 1: found column 'label', allowed: file, task, class"),
        (",split\n", ",splits\n", r"line 1: found column 'splits' \(did you mean split\?\)"),
        ("file,task", "task", "line 1: found no column file, allowed: file, task, class"),
        ("a.jpg,animal,cat,train", "a.jpg,animal,,train", "line 2: found no class"),
        ("a.jpg,animal,cat,train", "a.jpg,animal,cat", "line 2: found no split"),
        ("a.jpg,animal,cat,train", "a.jpg,animal,cat,train,x", "line 2: found more values than"),
        ("c.jpg,place,house,test\n", "", "line 6: task: found no place for c.jpg, allowed: each"),
        ("c.jpg", "d.jpg", "line 6: file: found nothing at d.jpg, allowed: a picture"),
        ("a.jpg,place", "a.jpg,animal", "line 3: file: found a.jpg with task animal again"),
        ("house,test", "house,tests", r"line 7: split: found 'tests' \(did you mean test\?\)"),
        ("house,test", "house,train", "line 7: split: found train for c.jpg, allowed: test, as in"),
        ("dog,test", "emu,test", "line 6: class: found emu of animal in the test split alone"),
        (",test", ",train", "found no file for test, allowed: at least one for each"),
        ("dog", "cat", "line 2: class: found only cat in task animal, allowed: at least two"),
        ('a.jpg,animal,cat', 'a.jpg,"animal,cat', "labels.csv: damaged or foreign"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(folder: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    (folder / "labels.csv").write_text(GOOD.replace(old, new))
    with pytest.raises(BadInput, match=said) as caught:
        read_labels(folder)
    assert "labels.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_table_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"labels.csv: found nothing, allowed: a table with the col"):
        read_labels(tmp_path)
    (tmp_path / "labels.csv").write_text("file,task,class\n")
    with pytest.raises(BadInput, match=r"labels.csv: found no row, allowed: one for each file"):
        read_labels(tmp_path)
    (tmp_path / "labels.csv").write_text("")
    with pytest.raises(BadInput, match="found no column file, task, class"):
        read_labels(tmp_path)
    (tmp_path / "labels.csv").write_bytes(b"file,task,class\n\xff,a,b\n")
    with pytest.raises(BadInput, match=r"labels.csv: not UTF-8 text"):
        read_labels(tmp_path)
