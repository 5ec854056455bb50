"""YAML as people mean it: words and numbers are YAML 1.2's, and each key counts once.

PyYAML reads YAML 1.1, where `on` is true, 0100 is 64, 12:30 is 750 and 1e3 is text. Its reader with
other rules for plain words (YAML 1.2.2, section 10.3, the core schema) is less than a second
library. Merge keys (`<<`) are read although 1.2 has them no more. What an alias stands for is
copied to each of its places, so that a change in one is no change in another.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from testbed.errors import BadInput

MAX_DEPTH = 40
"""Values within values; a scenario has six."""
MAX_VALUES = 200_000
"""Keys and values, what aliases repeat counted each time; the largest device has some thousand."""

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_WORDS = {
    f"{_TAG}null": (re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    f"{_TAG}bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    f"{_TAG}int": (
        re.compile(r"(?:[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300})\Z"),
        list("-+0123456789"),
    ),
    f"{_TAG}float": (
        re.compile(
            r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        list("-+.0123456789"),
    ),
    _MERGE: (re.compile(r"<<\Z"), ["<"]),
}
"""Tag of a word without quotes -> how all of it looks, and the characters it may begin with."""


class _Refused(yaml.MarkedYAMLError):
    """What is YAML, but nothing that anybody can have meant."""

    def __init__(self, at: Any, found: str) -> None:
        super().__init__(problem=f"found {found}", problem_mark=at.start_mark)


class _Reader(yaml.SafeLoader):
    """Raises yaml.YAMLError for what is no YAML, or not as is said above."""

    # As PyYAML's, and U+DC80 to U+DCFF beside them: how Python writes bytes in a file's name that
    # are no UTF-8 (PEP 383), which can be typed after --set.
    NON_PRINTABLE = re.compile(  # type: ignore[misc]
        "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\udc80-\udcff\ue000-\ufffd\U00010000-\U0010ffff]"
    )
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (filled below)
    _depth = 0
    _values = 0

    def value(self) -> Any:
        """The one document, in dicts, lists and scalars."""
        node = self.get_single_node()
        return None if node is None else self._value_of(node)

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise _Refused(event, f"more than {MAX_DEPTH} values within each other")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _value_of(self, node: Node, depth: int = 0) -> Any:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise _Refused(node, f"aliases of more than {MAX_VALUES} values, or of themselves")
        if isinstance(node, SequenceNode) and node.tag == self.DEFAULT_SEQUENCE_TAG:
            return [self._value_of(item, depth + 1) for item in node.value]
        if isinstance(node, MappingNode) and node.tag == self.DEFAULT_MAPPING_TAG:
            return self._mapping_of(node, depth)
        return _scalar_of(node)

    def _mapping_of(self, node: MappingNode, depth: int) -> dict[Hashable, Any]:
        own: dict[Hashable, Any] = {}
        merged: dict[Hashable, Any] = {}
        lines: dict[Hashable, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise _Refused(key_node, "a key made of several values, allowed: a word")
            merges = key_node.tag == _MERGE
            key: Hashable = "<<" if merges else _scalar_of(key_node)
            if key in lines:
                found = f"key {key} twice, first in line {lines[key]}, allowed: once"
                raise _Refused(key_node, found)
            lines[key] = key_node.start_mark.line + 1
            if merges:
                merged = self._merged(value_node, depth + 1)
            else:
                own[key] = self._value_of(value_node, depth + 1)
        return merged | own

    def _merged(self, node: Node, depth: int) -> dict[Hashable, Any]:
        """The keys of one mapping, or of several, where the first to have a key decides."""
        several = node.value if isinstance(node, SequenceNode) else [node]
        keys: dict[Hashable, Any] = {}
        for each in several:
            if not isinstance(each, MappingNode):
                raise _Refused(each, "<< with something else, allowed: an alias of a mapping")
            keys = self._value_of(each, depth) | keys
        return keys


class _Writer(yaml.SafeDumper):
    """Quotes text that either version of YAML would take for something else."""


for _tag, (_looks, _first) in _WORDS.items():
    _Reader.add_implicit_resolver(_tag, _looks, _first)
    _Writer.add_implicit_resolver(_tag, _looks, _first)


def _scalar_of(node: Node) -> Any:
    """The value of a word or number, whether it has its tag written before it or not."""
    text, kind = str(node.value), node.tag.removeprefix(_TAG)
    if kind == "str" and isinstance(node, ScalarNode):
        return text
    looks, _ = _WORDS.get(node.tag, (None, None))
    if looks is None or kind == "merge" or not looks.match(text):
        raise _Refused(node, f"the tag {node.tag}, allowed: values without tags")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text if base == 10 else text[2:], base)


def parse_yaml(text: str, source: str, wanted: str) -> dict[str, Any]:
    """A mapping from YAML text; nothing in it is shared. Raises BadInput with the line."""
    tree = parse_value(text, source)
    if not isinstance(tree, dict):
        found = "nothing" if tree is None else type(tree).__name__
        raise BadInput(f"{source}: found {found}, allowed: {wanted}")
    return tree


def parse_value(text: str, source: str) -> Any:
    """Any value from YAML text. Raises BadInput with the line."""
    try:
        return _Reader(text).value()
    except _Refused as error:
        raise BadInput(f"{source}: {_line(error)}{error.problem}") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = f"the character U+{ord(text[error.position]):04X}"
        raise BadInput(f"{source}: line {line}: not YAML: found {found}") from None
    except yaml.MarkedYAMLError as error:
        raise BadInput(f"{source}: {_line(error)}not YAML: {_problem(error)}") from None


def dump_yaml(tree: Any, **how: Any) -> str:
    """YAML text that gives the same values again. how: as PyYAML's `dump` takes it."""
    text: Any = yaml.dump(
        tree, Dumper=_Writer, allow_unicode=True, **({"sort_keys": False, "width": 100} | how)
    )
    return str(text)


def _problem(error: yaml.MarkedYAMLError) -> str:
    """What PyYAML has against the text; a tab, people cannot see."""
    problem = error.problem or ""
    if r"'\t'" in problem:
        return "found a tab, allowed: spaces"
    return f"{error.context}, {problem}" if problem.startswith("but ") else problem


def _line(error: yaml.MarkedYAMLError) -> str:
    return f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
