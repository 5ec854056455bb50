"""A sweep on disk.

    sweep.yaml      the file as given, base.yaml the scenario it starts from, as given
    sweep.json      what was asked and where: axes, points in their order, environment
    profiles/       what points in virtual time replay, by the digest that their provenance names
    points/         HASH.json of each point that was done: provenance, scenario, summary
    runs/           HASH/, the whole run of each wall-clock point
    sweep.parquet   one row a point and deployment (`columns.py`); there once the sweep is whole
    figures/        drawn from sweep.parquet

Points appear one by one and whole; so an interrupted sweep is a folder without sweep.parquet.
"""

from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from testbed.config.complaint import first_line
from testbed.errors import BadInput
from testbed.figures.axis import Sweep
from testbed.points.store import PointStore
from testbed.results.table import with_docs
from testbed.storage.files import atomic_write, reading, replacing, writing
from testbed.storage.strict_json import dumps, loads
from testbed.sweep.columns import COLUMNS

SCHEMA = 1
"""Goes up when a column or a point's file changes its meaning."""

SWEEP_FILE, BASE_FILE, PLAN, TABLE = "sweep.yaml", "base.yaml", "sweep.json", "sweep.parquet"
_AS_SAVED = "the file as it was saved"
POINTS, PROFILES, RUNS = "points", "profiles", "runs"


class Plan(BaseModel):
    """What sweep.json holds, as far as it is read again."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    axes: tuple[tuple[str, ...], ...]
    points: tuple[str, ...]


def load_sweep(folder: Path) -> Sweep:
    """Read the folder of a finished sweep. Raises BadInput when it is none, or is damaged."""
    plan = read_plan(folder)
    file = folder / TABLE
    if not file.is_file():
        raise BadInput(
            f"{folder}: {progress_of(folder, plan)}, allowed: a finished sweep; "
            "`testbed sweep` with --resume goes on with it"
        )
    with reading(file, _AS_SAVED, pa.ArrowException):
        table: pd.DataFrame = pq.read_table(file).to_pandas()
    wanted = {"point", "deployment", *chain.from_iterable(plan.axes)}
    missing = sorted(wanted - {*table})
    if missing:
        raise BadInput(f"{file}: found no column {missing[0]}, allowed: {_AS_SAVED}")
    return Sweep(plan.name, plan.description, plan.axes, table, folder)


def is_sweep(folder: Path) -> bool:
    """Whether a sweep was begun there."""
    return (folder / PLAN).is_file()


def read_plan(folder: Path) -> Plan:
    """What sweep.json holds. Raises BadInput when the folder is no sweep's."""
    file = folder / PLAN
    if not is_sweep(folder):
        raise BadInput(f"{folder}: found no {PLAN}, allowed: the folder of a sweep")
    with reading(file, _AS_SAVED, ValueError):
        plan = loads(file.read_text(encoding="utf-8"))
    found = plan.get("schema") if isinstance(plan, dict) else None
    if found != SCHEMA:
        raise BadInput(f"{file}: found schema {found!r}, allowed: {SCHEMA}")
    try:
        return Plan.model_validate(plan)
    except ValidationError as error:
        raise BadInput(f"{file}: {first_line(error, 'plan')}") from None


def progress_of(folder: Path, plan: Plan) -> str:
    """How far an unfinished sweep came, in words."""
    done = sum((folder / POINTS / f"{point}.json").is_file() for point in plan.points)
    return f"found a sweep with {done} of {len(plan.points)} points done"


def point_store(folder: Path) -> PointStore:
    """The points of the sweep in `folder`; the result of one is its run's summary."""
    return PointStore(folder / POINTS, "summary")


def write_plan(
    folder: Path, plan: dict[str, Any], sweep_text: str, base_text: str, *, unfinished: bool
) -> None:
    """Begin the folder, or bring its plan up to date; an unfinished sweep has no table."""
    with writing(folder):
        (folder / POINTS).mkdir(parents=True, exist_ok=True)
        if unfinished:
            (folder / TABLE).unlink(missing_ok=True)
    text = dumps({"schema": SCHEMA, **plan})
    for name, content in ((SWEEP_FILE, sweep_text), (BASE_FILE, base_text), (PLAN, text)):
        atomic_write(folder / name, content)


def write_rows(folder: Path, table: pd.DataFrame) -> None:
    """Write sweep.parquet, with what its columns mean."""
    metadata = {
        b"testbed.sweep.schema": str(SCHEMA).encode(),
        b"testbed.row": b"one point and deployment, aggregated over its repeats",
    }
    arrow = with_docs(table, COLUMNS, metadata)
    with replacing(folder / TABLE) as draft:
        pq.write_table(arrow, draft)
