"""The scripts see every mistake: with a sign or a comparison of the life turned round, each driver
gives other records than were reckoned."""

import ast
import inspect
from collections.abc import Iterator
from types import FunctionType

import pytest

from testbed.lifecycle import edge
from testbed.lifecycle.edge import EdgeBlock
from tests.testbed.lifecycle.scripted import Played
from tests.testbed.lifecycle.test_two_drivers import CASES, DRIVERS, differences

TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Is: ast.IsNot,
    ast.NotEq: ast.Eq,
}
OF_NO_CONSEQUENCE = {"ROUNDING_S", "timed"}
"""Lines on which a turned sign changes a nanosecond, or only what is measured for nothing."""

WALL_CLOCK_S_OWN = "bool(self._pending"
"""A line that says when to listen, which SimPy's edge always does."""


def mutants() -> Iterator[tuple[str, ast.Module]]:
    """Where, and the module with one operator of `EdgeBlock` turned round."""
    source = inspect.getsource(edge)
    lines = source.splitlines()
    places = [
        (number, field)
        for number, node in enumerate(ast.walk(ast.parse(source)))
        for field in ("op", "ops")
        if hasattr(node, field)
    ]
    for number, field in places:
        tree = ast.parse(source)
        node = list(ast.walk(tree))[number]
        line = getattr(node, "lineno", 0)
        text = lines[line - 1].strip()
        old = getattr(node, field)[0] if field == "ops" else getattr(node, field)
        if type(old) not in TURNED or any(word in text for word in OF_NO_CONSEQUENCE):
            continue
        new = TURNED[type(old)]()
        setattr(node, field, [new] if field == "ops" else new)
        yield f"{line}: {text} [{type(old).__name__}]", ast.fix_missing_locations(tree)


MUTANTS = dict(mutants())


@pytest.fixture(params=MUTANTS)
def mutated(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The methods of `EdgeBlock` are the mutant's."""
    space = dict(vars(edge))
    exec(compile(MUTANTS[request.param], edge.__file__, "exec"), space)
    for name, of_mutant in vars(space["EdgeBlock"]).items():
        method, own = of_mutant, getattr(EdgeBlock, name)
        if isinstance(of_mutant, property):
            method, own = of_mutant.fget, own.fget
        if isinstance(method, FunctionType):
            monkeypatch.setattr(own, "__code__", method.__code__)


@pytest.mark.parametrize("driver", DRIVERS)
def test_each_driver_s_scripts_see_it(
    mutated: None, driver: str, request: pytest.FixtureRequest
) -> None:
    if driver != "wall" and WALL_CLOCK_S_OWN in request.node.name:
        return
    assert any(_goes_wrong(driver, name) for name in CASES)


def _goes_wrong(driver: str, name: str) -> bool:
    try:
        played: Played = DRIVERS[driver](CASES[name].script)
    except Exception:
        return True
    return bool(differences(played, CASES[name]))


def test_there_are_mutants() -> None:
    assert len(MUTANTS) > 15
