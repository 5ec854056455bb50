"""The columns of `sweep.parquet`: one row for each point and deployment, units in the names.

A point's repeats are already aggregated, as in `summary.py`, whose numbers these are. Each key
that the sweep varies is a column under its dotted name (`link.uplink.rate`), in SI units; a value
that is no number is text. The configured link is there in any case, so that points of two sweeps,
or of two clocks, can be put beside each other.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.results.aggregates import summarised, sweep_columns
from testbed.results.column import Column
from testbed.results.summary import HALVES
from testbed.results.table import FIXED, PER_TASK


def _column(type_: str, name: str, doc: str, *place: str, unit: str = "") -> Column:
    return Column(name, type_, doc, unit, summary=place)


_text, _count, _number = (partial(_column, type_) for type_ in ("string", "Int64", "float64"))
_LINK = ("run", "link", "configured")

_POINT = (
    _text("point", "content hash of the point; points/POINT.json has its provenance"),
    _count("index", "of the point in the sweep, from 0"),
)
_WHO = (
    _text("deployment", "as in a run: local, remote-jpeg-q90, split-fp16", "name"),
    _text("kind", "local, remote or split", "kind"),
    _text("codec", "what crosses the link; missing for local", "codec"),
)
_NAMED = (
    _text("scenario", "name of the base scenario", "run", "scenario"),
    *_WHO,
    _text("backend", "of the link: simpy, tun or netem"),
    _text("clock", "wall or virtual"),
    _text("failed", "why there are no numbers; missing where there are"),
    _text("congestion_control", "as configured", *_LINK, "congestion_control"),
)
_NUMBERS = (
    _count("requests", "due over all repeats; in_time + late + lost", "requests"),
    _count("in_time", "answered before the deadline", "answered"),
    _count("late", "answered after the deadline", "late"),
    _count("lost", "not answered", "lost"),
    *(
        _number(name, doc, *_LINK, name, unit=unit)
        for name, unit, doc in (
            ("uplink_rate_bps", "bit/s", "as configured; missing is unlimited"),
            ("downlink_rate_bps", "bit/s", "as configured; missing is unlimited"),
            ("rtt_ms", "ms", "as configured, without queueing"),
            ("uplink_loss", "share", "as configured, of packets"),
            ("downlink_loss", "share", "as configured, of packets"),
        )
    ),
    *(
        _number(
            f"{half}_compute_{end}",
            f"{said} that computing may take the {half}'s device, to what it took",
            *("run", "compute_range", half, end),
            unit="share",
        )
        for half in HALVES
        for end, said in (("low", "least"), ("high", "most"))
    ),
    *(
        _number(
            f"edge_energy_{end}_j", f"{said} that the model allows", "edge_energy_j", end, unit="J"
        )
        for end, said in (("low", "least of edge_energy_j"), ("high", "most of it"))
    ),
    _number("deadline_ms", "after which an answer is late", "run", "deadline_ms", unit="ms"),
    *(made for column in summarised(FIXED) for made in sweep_columns(column)),
)
_OF_TASKS = tuple(made for column in summarised(PER_TASK) for made in sweep_columns(column))

COLUMNS = (*_POINT, *_NAMED, *_NUMBERS, *_OF_TASKS)
"""Those of the keys that a sweep varies join them."""


def rows_of(summary: Mapping[str, Any], point: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each deployment of a point that was done.

    summary: from `summary.summarise`. point: what else goes into each row: "point", "index",
    backend, clock, and each varied key with its value.
    """
    return [
        {**point, **_read({**deployment, "run": summary}), "failed": None}
        for deployment in summary["deployments"]
    ]


def rows_of_failed(
    reason: str, scenario: Scenario, point: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The same rows for a point that failed: who they are about, and why there are no numbers."""
    common = {**point, "scenario": scenario.name, "failed": reason}
    identities = map(identity_of, scenario.deployments)
    return [common | _read(identity._asdict(), _WHO) for identity in identities]


def table_of_rows(rows: Sequence[Mapping[str, Any]], axis_keys: Sequence[str]) -> pd.DataFrame:
    """The rows as a table with every column in its place and of its type."""
    own = [key for key in axis_keys if key not in {column.name for column in COLUMNS}]
    prefixes = tuple(column.prefix for column in _OF_TASKS)
    tasks = sorted({name for row in rows for name in row if name.startswith(prefixes)})
    types = {
        **{column.name: column.type for column in _POINT},
        **dict.fromkeys(own, ""),
        **{column.name: column.type for column in (*_NAMED, *_NUMBERS)},
        **dict.fromkeys(tasks, "float64"),
    }
    table = pd.DataFrame([dict(row) for row in rows], columns=list(types))
    return table.astype(types | {key: _axis_type(table[key]) for key in own})


def _read(deployment: Mapping[str, Any], columns: Sequence[Column] = COLUMNS) -> dict[str, Any]:
    """What stands where the columns' places lead."""
    row: dict[str, Any] = {}
    for column in columns:
        found: Any = deployment
        for key in column.summary:
            found = found[key]
        if column.prefix:
            row |= {column.prefix + task: value for task, value in found.items()}
        elif column.summary:
            row[column.name] = found
    return row


def _axis_type(values: "pd.Series[Any]") -> str:
    """A number's where every value is one or missing."""
    known = values.dropna()
    plain = all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)
    return "float64" if plain and len(known) else "string"
