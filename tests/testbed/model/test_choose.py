"""Which weights a scenario gets, and what its results will say about them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from testbed.errors import BadInput
from testbed.model import choose
from testbed.model.choose import HIDDEN, choose_weights, find_bundled

NAME = "mobilenet_v3_small"
ONE, TWO, THREE = {"a": 2}, {"a": 2, "b": 3}, {"a": 2, "b": 3, "c": 4}


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of cards in place of the package's."""
    monkeypatch.setattr(choose, "BUNDLED", tmp_path)
    for name, tasks, px in [("three", THREE, 64), ("two", TWO, 64), ("large", TWO, 224)]:
        card = {"backbone": NAME, "tasks": tasks, "input_px": px, "hidden": HIDDEN}
        (tmp_path / f"{name}.json").write_text(json.dumps(card))
    return tmp_path


@pytest.mark.parametrize(
    ("tasks", "px", "expected"),
    [
        (TWO, 64, "two"),
        (THREE, 64, "three"),
        (ONE, 64, "two"),  # the fewest heads to drop
        ({"c": 4}, 64, "three"),
        (TWO, None, "two"),  # the smallest input
        (ONE, 224, "large"),
    ],
)
def test_bundled_weights_that_have_the_tasks(
    bundled: Path, tasks: dict[str, int], px: int | None, expected: str
) -> None:
    file = bundled / f"{expected}.safetensors"
    assert find_bundled(NAME, tasks, px, HIDDEN) == file
    assert choose_weights("auto", NAME, tasks, px, HIDDEN) == (file, ("bundled", ""))
    assert choose_weights("bundled", NAME, tasks, px, HIDDEN)[0] == file


@pytest.mark.parametrize(
    ("name", "tasks", "px", "hidden", "wanted"),
    [
        ("vgg16", TWO, None, HIDDEN, "vgg16 with tasks a, b"),
        (NAME, {"a": 3}, 64, HIDDEN, f"{NAME} at 64 px with tasks a"),
        (NAME, {"a": 2, "z": 2}, None, HIDDEN, f"{NAME} with tasks a, z"),
        (NAME, THREE, 224, HIDDEN, f"{NAME} at 224 px with tasks a, b, c"),
        (NAME, TWO, None, 32, f"{NAME} with tasks a, b, hidden 32"),
    ],
)
@pytest.mark.usefixtures("bundled")
def test_where_there_are_none(
    name: str, tasks: dict[str, int], px: int | None, hidden: int, wanted: str
) -> None:
    source, weights = choose_weights("auto", name, tasks, px, hidden)
    assert source == weights.source == "random"
    assert weights.untrained == (
        f"no bundled weights for {wanted}: random weights, accuracy says nothing"
    )
    with pytest.raises(BadInput) as caught:
        choose_weights("bundled", name, tasks, px, hidden)
    assert f"no bundled weights for {wanted}, allowed: " in str(caught.value)
    assert f"{NAME} at 224 px with tasks a, b; " in str(caught.value)


def test_the_others_are_what_they_say() -> None:
    rest = (NAME, TWO, None, HIDDEN)
    assert choose_weights("mine.safetensors", *rest) == (
        Path("mine.safetensors"),
        ("mine.safetensors", ""),
    )
    for name in ("random", "imagenet"):
        source, weights = choose_weights(name, *rest)
        assert source == weights.source == name
        assert weights.untrained.endswith("accuracy says nothing")


def test_a_choice_chooses_itself() -> None:
    for weights in ("auto", "random", "imagenet", "mine.safetensors"):
        source, _ = choose_weights(weights, NAME, {"scale": 8}, None, HIDDEN)
        assert choose_weights(source, NAME, {"scale": 8}, None, HIDDEN)[0] == source


def test_choosing_needs_no_torch() -> None:
    code = "import sys, testbed.model.choose; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
