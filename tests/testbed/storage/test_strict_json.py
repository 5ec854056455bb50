"""Only JSON that every reader accepts."""

import json
from pathlib import Path

import numpy as np
import pytest

from testbed.storage.strict_json import dumps, loads, plain


def test_numbers_that_are_not_finite_become_null() -> None:
    value = {"a": float("nan"), "b": [float("inf"), -float("inf"), 1.5], "c": (np.float64("nan"),)}
    assert plain(value) == {"a": None, "b": [None, None, 1.5], "c": [None]}


def test_numpy_and_paths_become_plain() -> None:
    value = {"n": np.int64(3), "x": np.float32(0.5), "yes": np.bool_(True), "p": Path("a/b"), 1: 2}
    text = dumps(value)
    assert json.loads(text) == {"n": 3, "x": 0.5, "yes": True, "p": "a/b", "1": 2}
    assert text.endswith("}\n")


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no form"):
        dumps({"a": [object()]})


@pytest.mark.parametrize("text", ["", "[" * 100_000, b"\xff\xfe{", '{"a": 1'])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|deeply|decode"):
        loads(text)
    assert loads('{"a": [1]}') == {"a": [1]}
