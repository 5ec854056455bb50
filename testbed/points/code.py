"""What code a result depends on: the modules that an entry module imports, and theirs, and so on.

Found from the source, imports inside functions included, because these run too; those under
`if TYPE_CHECKING:` never do. A module brings the packages it lies in, as Python runs their
`__init__` first. What is started by its name (`python -m`, `import_module`) is not seen: whoever
names the entries has to name it too.
"""

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder that both packages are in."""

OURS = ("testbed", "emulation")
DIGITS = 16

COMPUTING: Mapping[str, str] = {
    "torch": "torch",
    "torchvision": "torchvision",
    "numpy": "numpy",
    "scipy": "scipy",
    "simpy": "simpy",
    "pandas": "pandas",
    "PIL": "pillow",
    "zstandard": "zstandard",
    "zmq": "pyzmq",
}
"""Packages of others whose version can change a number: as imported -> as installed."""


@cache
def made_by(*entries: str, without: tuple[str, ...] = (), root: Path = ROOT) -> Mapping[str, str]:
    """The code behind `entries` as one digest, and the versions of what computes in it.

    Arguments as in `modules_behind`. Comments, layout and docstrings do not count.
    """
    read = {
        name: _read(root, name) for name in modules_behind(*entries, without=without, root=root)
    }
    foreign = {name.partition(".")[0] for _, imported in read.values() for name in imported}
    versions = {
        package: version(package).partition("+")[0]
        for name, package in COMPUTING.items()
        if name in foreign
    }
    return {"code": digest_of({name: code for name, (code, _) in read.items()}), **versions}


@cache
def modules_behind(
    *entries: str, without: tuple[str, ...] = (), root: Path = ROOT
) -> tuple[str, ...]:
    """The names of all our modules that may run when `entries` do, sorted.

    An entry that is a package stands for everything in it. Packages and modules in `without`
    are not entered. Raises ModuleNotFoundError for an entry that is no module of ours.
    """
    found: set[str] = set()
    waiting = [module for entry in entries for module in _modules_of(root, entry)]
    while waiting:
        name = waiting.pop()
        if name in found or _file(root, name) is None:
            continue
        if any(f"{name}.".startswith(f"{left_out}.") for left_out in without):
            continue
        found.add(name)
        waiting += [name.rpartition(".")[0], *_read(root, name)[1]]
    return tuple(sorted(found))


def digest_of(value: object) -> str:
    """A short digest of plain values: equal ones have equal digests."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _modules_of(root: Path, entry: str) -> list[str]:
    file = _file(root, entry)
    if file is None:
        raise ModuleNotFoundError(f"found no module {entry} below {root}")
    if file.stem != "__init__":
        return [entry]
    return [
        ".".join(inner.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for inner in file.parent.rglob("*.py")
    ]


def _file(root: Path, name: str) -> Path | None:
    """The source of one of our modules; None for anything else."""
    if name.partition(".")[0] not in OURS:
        return None
    path = root.joinpath(*name.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


@cache
def _read(root: Path, name: str) -> tuple[str, frozenset[str]]:
    """The code of a module, as text without what does not count, and all names it may import."""
    file = _file(root, name)
    assert file is not None  # noqa: S101
    tree = ast.parse(file.read_bytes())
    imported = frozenset(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            del node.body[: ast.get_docstring(node, clean=False) is not None]
    return ast.dump(tree), imported


def _imported(node: ast.AST) -> Iterator[str]:
    """`from a import b` may mean the module a.b: both are named. No import here is relative."""
    children = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        children = iter(node.orelse)
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names))
    for child in children:
        yield from _imported(child)
