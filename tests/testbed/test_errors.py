"""The tree of errors as it is drawn is the tree of classes."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from emulation.errors import EmulationError
from testbed import errors
from testbed.errors import TestbedError, exit_code

ROOT = Path(errors.__file__).parents[1]
LINE = re.compile(
    r"(?P<branch>[ │├└─]*)(?P<name>[A-Z]\w+) +(?P<code>\d)  "
    r"((?P<place>[a-z_]+(\.[a-z_]+)+)[:,] )?.+"
)


def drawn() -> dict[str, tuple[str, int]]:
    """Name -> the class above it and its exit code."""
    found: dict[str, tuple[str, int]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := LINE.fullmatch(line):
            depth = len(match["branch"]) // 4
            above[depth:] = [match["name"]]
            parent = above[depth - 1] if depth else "Exception"
            found[match["name"]] = (parent, int(match["code"]))
    return found


def places() -> dict[str, str]:
    """Name -> the module the drawing says it lives in, for those it says that of."""
    lines = (LINE.fullmatch(line) for line in (errors.__doc__ or "").splitlines())
    return {line["name"]: line["place"] for line in lines if line and line["place"]}


def classes() -> Iterator[type[Exception]]:
    """Every class below one of the two roots, wherever it is declared."""
    known = {"TestbedError", "EmulationError"}
    while True:  # until no file has a subclass of one that is known
        found = set(_declared(known))
        if {name for _, name in found} <= known:
            break
        known |= {name for _, name in found}
    for module, name in found:
        yield getattr(import_module(module), name)
    yield from (TestbedError, EmulationError)


def _declared(bases: set[str]) -> Iterator[tuple[str, str]]:
    for package in ("testbed", "emulation"):
        for file in (ROOT / package).rglob("*.py"):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and bases & {ast.unparse(b) for b in node.bases}:
                    yield module, node.name


def test_every_error_is_drawn_where_it_belongs_with_its_exit_code() -> None:
    declared = {
        kind.__name__: (kind.__base__.__name__ if kind.__base__ else "", _code_of(kind))
        for kind in classes()
    }
    assert drawn() == declared


def test_an_error_lives_where_the_drawing_says() -> None:
    live_in = {kind.__name__: kind.__module__.removeprefix("testbed.") for kind in classes()}
    assert places()
    assert {name: live_in[name] for name in places()} == places()


def _code_of(kind: type[Exception]) -> int:
    return exit_code(kind.__new__(kind))
