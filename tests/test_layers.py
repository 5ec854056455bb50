"""The contracts on imports bite: in a copy where each is broken once, each is found broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("testbed", "emulation")
Contract = dict[str, Any]

SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS: list[Contract] = SETTINGS["tool"]["importlinter"]["contracts"]


def rows(contract: Contract) -> list[list[str]]:
    """The layers, each with the modules in it."""
    return [
        [name.strip() for name in row.replace("|", ":").split(":")] for row in contract["layers"]
    ]


def forbidden_imports(contract: Contract) -> list[tuple[str, str]]:
    """Who must not import whom, one pair for each thing that the contract says."""
    if contract["type"] == "forbidden":
        return [(contract["source_modules"][0], name) for name in contract["forbidden_modules"]]
    pairs = []
    layers = rows(contract)
    for container in contract.get("containers", [""]):
        prefix = f"{container}." if container else ""
        pairs.append((prefix + layers[-1][0], prefix + layers[0][0]))
        for row, names in zip(contract["layers"], layers, strict=True):
            if "|" in row:
                pairs.append((prefix + names[0], prefix + names[1]))
    return pairs


def file_of(module: str, root: Path) -> Path:
    place = root.joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of the copy."""
    root = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            root / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"),
        )
    shutil.copy(ROOT / "pyproject.toml", root)
    for contract in CONTRACTS:
        for importer, imported in forbidden_imports(contract):
            with file_of(importer, root).open("a") as file:
                file.write(f"\nimport {imported}\n")
    return lint(root).stdout


def lint(root: Path) -> "subprocess.CompletedProcess[str]":
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "", "COLUMNS": "1000", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["name"])
def test_each_is_found_broken(contract: Contract, report: str) -> None:
    assert f"{contract['name']} BROKEN" in report
    details = report.partition("Broken contracts")[2].partition(f"\n{contract['name']}\n")[2]
    for importer, imported in forbidden_imports(contract):
        assert f"{importer} -> {imported} " in details.replace("(l.", " (l.").replace("  ", " ")


def test_siblings_are_told_apart() -> None:
    """Backends, at least: `:` would let them import one another."""
    layers = next(c for c in CONTRACTS if c.get("containers") == ["emulation"])["layers"]
    assert next(row for row in layers if "netem" in row).count("|") == 2
