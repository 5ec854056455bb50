"""A finished run as one folder that somebody else can check.

`save` writes it whole or not at all, `load` reads it back, `check_writable` tells before a run
starts whether its folder can be written after it; `write_folder` does the same for any other
folder of results. What the numbers mean is in `summary.py` and `table.py`.
"""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from testbed.errors import BadInput
from testbed.results import summary, table
from testbed.strict_json import dumps

SCENARIO = "scenario.yaml"
EFFECTIVE = "scenario.effective.yaml"
ENVIRONMENT = "environment.json"
LINK = "link.json"
REQUESTS = "requests.parquet"
SUMMARY = "summary.json"
FIGURES = "figures"

_WRITABLE = "a folder that can be written, on a disk with space"
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


@dataclass(frozen=True)
class Run:
    """Everything a run leaves.

    scenario_text: the file as given. effective_text: the scenario with defaults and overrides
    written out, YAML. environment: from `environment.py`. link: `summary.LinkFacts`.
    requests: from `table.table_of`. summary: from `summary.summarise`.
    """

    scenario_text: str
    effective_text: str
    environment: dict[str, Any]
    link: dict[str, Any]
    requests: pd.DataFrame
    summary: dict[str, Any]


def save(run: Run, out: Path | None, results_root: Path) -> Path:
    """`write_folder` for a run, figures included, named after its scenario."""
    return write_folder(lambda draft: _fill(draft, run), out, results_root, run.summary["scenario"])


def write_folder(
    fill: Callable[[Path], None], out: Path | None, results_root: Path, name: str
) -> Path:
    """Make a folder, let `fill` write its files, and return it.

    `out` is the folder itself; without it a new one is made in `results_root`, called after the
    time (UTC) and `name`. The folder appears complete or, upon any error or interrupt, not at
    all. Raises BadInput when it cannot be written.
    """
    if out is not None:
        check_writable(out, results_root)
        target = out.resolve()
        with _one_line(out), _built_beside(target) as draft:
            fill(draft)
            _publish(draft, iter([target]))
        return out
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    target = results_root / f"{stamp}-{name}"
    with _one_line(results_root), _built_beside(target) as draft:
        fill(draft)
        return _publish(draft, _numbered(target))


def check_writable(out: Path | None, results_root: Path) -> None:
    """Raise BadInput if `write_folder` could not write its folder; leaves nothing behind."""
    if out is None:
        _try_to_write(results_root)
        return
    with _one_line(out):
        if out.exists() and not out.is_dir():
            raise BadInput(f"{out}: found a file, allowed: a new or empty folder")
        if out.exists() and any(out.iterdir()):
            raise BadInput(f"{out}: found a folder that is not empty, allowed: a new or empty one")
        if out.is_mount() or out.resolve() == Path.cwd():
            raise BadInput(
                f"{out}: found a mount point or the current folder, allowed: a folder below it"
            )
        _try_to_write(out.resolve().parent)


def load(folder: Path) -> Run:
    """Read a folder that `save` wrote. Raises BadInput when it is none, or is damaged."""
    with _one_line(folder, allowed="a readable folder"):
        if not (folder / SUMMARY).is_file():
            raise BadInput(f"{folder}: found no {SUMMARY}, allowed: the folder of a finished run")
        numbers = _read_json(folder / SUMMARY)
        version = numbers.get("schema")
        if version != summary.SCHEMA or not isinstance(numbers.get("deployments"), list):
            raise BadInput(
                f"{folder / SUMMARY}: found schema {version!r}, allowed: {summary.SCHEMA}"
            )
        return Run(
            scenario_text=_read_text(folder / SCENARIO),
            effective_text=_read_text(folder / EFFECTIVE),
            environment=_read_json(folder / ENVIRONMENT),
            link=_read_json(folder / LINK),
            requests=table.read_table(folder / REQUESTS),
            summary=numbers,
        )


def _fill(folder: Path, run: Run) -> None:
    from testbed.figures import draw_all

    (folder / SCENARIO).write_text(run.scenario_text, encoding="utf-8")
    (folder / EFFECTIVE).write_text(run.effective_text, encoding="utf-8")
    (folder / ENVIRONMENT).write_text(dumps(run.environment), encoding="utf-8")
    (folder / LINK).write_text(dumps(run.link), encoding="utf-8")
    (folder / SUMMARY).write_text(dumps(run.summary), encoding="utf-8")
    table.write_table(run.requests, folder / REQUESTS)
    draw_all(run.summary, run.requests, folder / FIGURES)


@contextmanager
def _built_beside(target: Path) -> Iterator[Path]:
    """A hidden folder next to `target`, so that one rename moves it there; gone on any exception.

    Not made by tempfile: its folders are private to the user whatever the umask says.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        draft.mkdir()
        yield draft
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _publish(draft: Path, candidates: Iterator[Path]) -> Path:
    """Rename `draft` to the first free name.

    rename(2) puts a folder in the place of an empty one at most, so of two runs that end at once
    one gets the name and the other the next.
    """
    for candidate in candidates:
        try:
            return draft.rename(candidate)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
    raise BadInput(f"{candidate}: filled by another run meanwhile, allowed: a new or empty folder")


def _numbered(first: Path) -> Iterator[Path]:
    yield first
    for number in range(2, 10_000):
        yield first.with_name(f"{first.name}-{number}")


def _try_to_write(folder: Path) -> None:
    """Make and remove a folder where `folder` is or would be made. Raises BadInput."""
    with _one_line(folder):
        existing = folder.absolute()
        while not os.path.lexists(existing):
            existing = existing.parent
        if not existing.is_dir():
            raise BadInput(f"{folder}: {existing} is no folder, allowed: {_WRITABLE}")
        trial = existing / f".trial-{secrets.token_hex(4)}"
        trial.mkdir()
        trial.rmdir()


@contextmanager
def _one_line(path: Path, allowed: str = _WRITABLE) -> Iterator[None]:
    """Turn the system's refusals into BadInput."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split())
        raise BadInput(f"{path}: {reason}, allowed: {allowed}") from error


def _read_text(path: Path) -> str:
    text: str = _decoded(path, str)
    return text


def _read_json(path: Path) -> dict[str, Any]:
    value = _decoded(path, json.loads)
    if not isinstance(value, dict):
        raise BadInput(f"{path}: found {type(value).__name__}, allowed: a JSON object")
    return value


def _decoded(path: Path, read: Callable[[str], Any]) -> Any:
    try:
        return read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: not found, allowed: the folder of a finished run") from None
    except ValueError as error:  # not UTF-8, or not JSON
        raise BadInput(f"{path}: damaged ({error}), allowed: the file as it was saved") from error
