"""Strategies for files as people, disks and enemies leave them: edited bytes, edited trees."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Edit = Callable[[bytes], bytes]

HEAD_BYTES = 2_000
"""Of a large file, where its structure is; as many edits come there as anywhere else."""
WORDS = (
    *("", "0", "-1", "1e400", "nan", ".inf", "9" * 40, "0x10", "0100", "1e3", "1e-320", "null"),
    *("[]", "{}", "[[1, 2]]", "'", '"', "\t", "\0", "\r\n", "\u2028", "\ufeff", ": ", "- ", "#"),
    *("&a", "*a", "<<: *a", "!!python/object/apply:os.system ['touch EXECUTED']", "%s", "~"),
    "[" * 3000,
    *("../..", "/dev/zero", "/proc/self/mem", "~nobody/x", "-5ms", "1000000gbit", "101%"),
)
LEAVES: SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from([-1, 0, 10**30, "", "nan", *WORDS]),
)  # fmt: skip
VALUES: SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


def bytes_edited(content: bytes) -> SearchStrategy[bytes]:
    """`content` after one to three edits, each of a few bytes, a word, a line or all behind."""
    return st.lists(_edits(len(content)), min_size=1, max_size=3).map(
        lambda edits: _all_of(content, edits)
    )


def tree_edited(content: bytes) -> SearchStrategy[bytes]:
    """A YAML or JSON file in which one to three values are others, gone, or under other keys."""
    loaded = yaml.load(content, yaml.CSafeLoader)
    as_json = content.lstrip()[:1] in b"{["

    def dumped(changes: list[tuple[float, str, Any]]) -> bytes:
        tree = json.loads(json.dumps(loaded))
        for share, how, value in changes:
            places = list(_places(tree))
            if places:
                container, key = places[int(share * len(places)) % len(places)]
                _change(container, key, how, value)
        text = json.dumps(tree) if as_json else yaml.dump(tree, allow_unicode=True)
        return text.encode(errors="surrogatepass")

    change = st.tuples(st.floats(0, 1), st.sampled_from(["value", "gone", "renamed"]), VALUES)
    return st.lists(change, min_size=1, max_size=3).map(dumped)


def _edits(size: int) -> SearchStrategy[Edit]:
    at = st.integers(0, size) | st.integers(0, min(size, HEAD_BYTES))
    length = st.integers(1, 64)
    inserted = st.sampled_from(WORDS).map(str.encode) | st.binary(min_size=1, max_size=8)
    return st.one_of(
        st.builds(_flipped, at, st.integers(1, 255)),
        st.builds(_spliced, at, length, inserted),
        st.builds(_spliced, at, st.just(0), inserted),
        st.builds(_word_replaced, st.integers(0, 400), inserted),
        st.builds(_repeated, at, length, st.sampled_from([1, 1, 1, 50])),
        st.builds(_ended, at),
    )


def _flipped(at: int, bits: int) -> Edit:
    return lambda old: old[:at] + bytes(byte ^ bits for byte in old[at : at + 1]) + old[at + 1 :]


def _spliced(at: int, length: int, new: bytes) -> Edit:
    return lambda old: old[:at] + new + old[at + length :]


def _repeated(at: int, length: int, times: int) -> Edit:
    return lambda old: old[:at] + old[at : at + length] * times + old[at:]


def _ended(at: int) -> Edit:
    return lambda old: old[:at]


def _word_replaced(number: int, new: bytes) -> Edit:
    def replaced(old: bytes) -> bytes:
        words = old.split(b" ")
        words[number % len(words)] = new
        return b" ".join(words)

    return replaced


def _all_of(content: bytes, edits: list[Edit]) -> bytes:
    for edit in edits:
        content = edit(content)
    return content


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in it."""
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in list(keys):
        yield tree, key
        yield from _places(tree[key])


def _change(container: Any, key: Any, how: str, value: Any) -> None:
    if how == "value":
        container[key] = value
    else:
        old = container.pop(key)
        if how == "renamed" and isinstance(container, dict):
            container[str(value)] = old
