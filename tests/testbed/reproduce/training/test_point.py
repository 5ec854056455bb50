"""What names a point's result."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import testbed
from testbed.reproduce.training import point as study_point
from tests.testbed.reproduce.small_points import POINT


def test_equal_points_share_a_digest() -> None:
    assert replace(POINT).digest == POINT.digest


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"tasks": ("shape", "scale")},
        {"lr": 2e-3},
        {"noise": "none"},
        {"source": "3dshapes.h5"},
        {"init": "imagenet"},
    ],
)
def test_a_changed_point_is_another(changed: dict[str, Any]) -> None:
    assert replace(POINT, **changed).digest != POINT.digest


def test_a_comment_in_the_code_changes_nothing_and_code_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "training" / "loop.py"
    code.parent.mkdir()
    monkeypatch.setattr(testbed, "__file__", str(tmp_path / "__init__.py"))

    def digest_of(text: str) -> str:
        code.write_text(text, encoding="utf-8")
        return study_point.code_digest.__wrapped__()

    before = digest_of("x = 1\n")
    assert digest_of("x  =  1  # one\n") == before
    assert digest_of("x = 2\n") != before


def test_costlier_backbones_cost_more() -> None:
    assert replace(POINT, backbone="vgg16").cost > POINT.cost
    assert replace(POINT, steps=4).cost == 2 * POINT.cost
