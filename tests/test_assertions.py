"""`python -O` leaves assertions out: none may do more than tell the type checker what is known."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(file for name in ("testbed", "emulation") for file in (ROOT / name).rglob("*.py"))


def narrows(test: ast.expr) -> bool:
    """Whether it says only that something is there, or of which type it is."""
    match test:
        case ast.BoolOp(ast.And(), parts):
            return all(map(narrows, parts))
        case ast.Compare(_, [ast.IsNot()], [ast.Constant(None)]) | ast.Name() | ast.Attribute():
            return True
        case ast.Call(ast.Name("isinstance")):
            return True
    return False


def refused(text: str) -> list[int]:
    """The lines of assertions that do more."""
    nodes = ast.walk(ast.parse(text))
    return [
        node.lineno for node in nodes if isinstance(node, ast.Assert) and not narrows(node.test)
    ]


@pytest.mark.parametrize(
    "text", ["assert x > 0", "assert do()", "assert x is not y", "assert not x"]
)
def test_the_rule_notices_those_that_do_more(text: str) -> None:
    assert refused(text) == [1]


def test_assertions_only_narrow_types() -> None:
    found = {str(file.relative_to(ROOT)): refused(file.read_text()) for file in FILES}
    assert {name: lines for name, lines in found.items() if lines} == {}
