"""YAML text: what each word and number means, what is refused, and that nothing is shared."""

from itertools import pairwise
from time import perf_counter
from typing import Any

import pytest
import yaml

from testbed.config.yaml_text import MAX_DEPTH, dump_yaml, parse_value, parse_yaml
from testbed.errors import BadInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0100", 100),
        ("-007", -7),
        ("0o10", 8),
        ("0x1f", 31),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-02-30", "2024-02-30"),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("1.5e-3", 0.0015),
        (".5", 0.5),
        ("1.", 1.0),
        ("on", "on"),
        ("Off", "Off"),
        ("yes", "yes"),
        ("n", "n"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("=", "="),
        ("'12'", "12"),
        ("!!int 7", 7),
        ("caf\udce9", "caf\udce9"),
        ('"\\udce9"', "\udce9"),
    ],
)
def test_words_and_numbers_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = parse_value(text, "x")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: found key a twice, first in line 1, allowed: once"),
        ("x:\n  a: 1\n  a: 1", "line 3: found key a twice, first in line 2"),
        ("- {a: 1, b: 2, a: 3}", "line 1: found key a twice"),
        ("1: a\n0x1: b", "line 2: found key 1 twice"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a", "line 4: found key << twice"),
        ("a: {<<: 3}", "line 1: found << with something else"),
        ("? [a]\n: 1", "line 1: found a key made of several values"),
        ("a: !!set {b}", "line 1: found the tag tag:yaml.org,2002:set"),
        ("a: !!int x", "line 1: found the tag tag:yaml.org,2002:int"),
        ("a: !!python/name:os.system ''", "line 1: found the tag"),
        ("a: 1\n\tb: 2", "line 2: not YAML: found a tab, allowed: spaces"),
        ("a: 1\nb: \x07", "line 2: not YAML: found the character U+0007"),
        ("a: 1\n---\na: 2", "line 2: not YAML: expected a single document"),
        ("a: *b", "line 1: not YAML: found undefined alias 'b'"),
        ("a: &a [*a]", "line 1: found aliases of more than"),
        ("[" * 1000, f"line 1: found more than {MAX_DEPTH} values within each other"),
        ("- " * 1000, f"line 1: found more than {MAX_DEPTH} values within each other"),
    ],
)
def test_what_nobody_can_mean_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_value(text, "x.yaml")
    assert str(refused.value).startswith(f"x.yaml: {message}")
    assert "\n" not in str(refused.value)


def test_few_lines_cannot_stand_for_millions_of_values() -> None:
    letters = "abcdefghi"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in pairwise(letters)]
    began_s = perf_counter()
    with pytest.raises(BadInput, match="aliases of more than"):
        parse_value("\n".join(lines), "x")
    assert perf_counter() - began_s < 10


def test_what_an_alias_stands_for_is_copied_to_each_place() -> None:
    tree = parse_yaml("a: &a {b: {c: 1}}\nd: *a\ne: {<<: *a, f: 2}\ng: [*a, *a]", "x", "a mapping")
    tree["a"]["b"]["c"] = 5
    tree["g"][0]["b"]["c"] = 6
    assert tree["d"] == tree["g"][1] == {"b": {"c": 1}}
    assert tree["e"] == {"b": {"c": 1}, "f": 2}


def test_own_keys_go_before_merged_ones_and_earlier_mappings_before_later() -> None:
    text = "a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\nc: {k: 3, <<: [*a, *b]}\nd: {<<: [*b, *a]}"
    tree = parse_value(text, "x")
    assert tree["c"] == {"k": 3, "l": 1, "m": 2}
    assert tree["d"] == {"k": 2, "l": 1, "m": 2}


@pytest.mark.parametrize(
    "value",
    [
        *("1e3", "0o10", "0100", "on", "12:30", "2024-01-01", "~", "", "<<", "a: b", "x\ny"),
        *("caf\udce9", 1000.0, 1e-7, 1e22, 12, True, None, ["1e3", {"on": "no"}]),
    ],
)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    text = dump_yaml({"key": value})
    assert parse_value(text, "x") == {"key": value}
    assert yaml.safe_load(text) == {"key": value}  # by readers of YAML 1.1 as well
