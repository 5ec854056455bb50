"""Requests as a table: one row a request, units in the column names.

The one form in which finished requests are summarised, drawn and stored. `record.py` and
`derived.py` declare the columns; `runs/folder.py` puts the table beside the rest of a run.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from testbed.errors import BadInput
from testbed.results.column import Column
from testbed.results.derived import DERIVED
from testbed.results.record import COLUMNS, RequestRecord
from testbed.storage.files import reading, shown

SCHEMA = 2
"""Goes up when a column changes its meaning or leaves; new columns may join."""

FIXED = (*(each for each in COLUMNS if not each.prefix), *(derived for derived, _ in DERIVED))
"""The columns that every table has."""
PER_TASK = tuple(each for each in COLUMNS if each.prefix)
PREDICTED, LABEL = (each.prefix for each in PER_TASK)

_RENAMED = {"1": {"headed_s": "head_done_s", "encoded_s": "encode_done_s"}, str(SCHEMA): {}}
"""The schemas that can be read, and what their columns are called now."""
_METADATA = {
    b"testbed.schema": str(SCHEMA).encode(),
    b"testbed.row": b"one request; its deployment, repeat and index name it",
    b"testbed.times": b"seconds; marks count from the start of the request's block, on the edge's "
    b"monotonic clock; NaN never happened",
}


def table_of(records: Iterable[RequestRecord]) -> pd.DataFrame:
    """The records in their order, with what follows from them.

    Predictions and labels are whole numbers or missing.
    """
    rows = map(attrgetter(*(column.attribute for column in COLUMNS)), records)
    of = dict(zip(COLUMNS, zip(*rows, strict=True), strict=False)) or dict.fromkeys(COLUMNS, ())
    table: dict[str, Any] = {c.name: _typed(of[c], c) for c in COLUMNS if not c.prefix}
    for column, rule in DERIVED:
        table[column.name] = rule(table)
    for column in PER_TASK:
        classes: Sequence[dict[str, int]] = of[column]
        for task in dict.fromkeys(chain.from_iterable(classes)):
            values = [one.get(task) for one in classes]
            table[column.prefix + task] = pd.array(values, dtype="Int64")
    return pd.DataFrame(table)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write Parquet; unit and meaning of each column and the schema's version go with it.

    Raises OSError.
    """
    arrow = with_docs(table, (*FIXED, *PER_TASK), _METADATA)
    with path.open("wb") as file:  # Arrow takes no names that are not text
        pq.write_table(arrow, file)


def with_docs(
    table: pd.DataFrame, columns: Iterable[Column], metadata: dict[bytes, bytes]
) -> pa.Table:
    """The table as Arrow has it, with `metadata`, and each column's unit and doc in its field's."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    about = {column.name: column for column in columns}
    fields = []
    for field in arrow.schema:
        of_task = (c for c in about.values() if c.prefix and field.name.startswith(c.prefix))
        column = about.get(field.name) or next(of_task, None)
        described = {"unit": column.unit, "doc": column.doc} if column else None
        fields.append(field.with_metadata(described) if described else field)
    return arrow.cast(pa.schema(fields, {**(arrow.schema.metadata or {}), **metadata}))


def read_table(path: Path) -> pd.DataFrame:
    """Read what `write_table` wrote, of this schema or the one before.

    A column that joined later is unknown for all requests. Raises BadInput when the file is
    anything else.
    """
    with reading(path, "a Parquet file of requests", pa.ArrowException), path.open("rb") as file:
        arrow = pq.read_table(file)
    found = (arrow.schema.metadata or {}).get(b"testbed.schema", b"none").decode(errors="replace")
    if found not in _RENAMED:
        raise BadInput(f"{shown(path)}: found schema {found}, allowed: {' or '.join(_RENAMED)}")
    table: pd.DataFrame = arrow.to_pandas().rename(columns=_RENAMED[found])
    for column in FIXED:
        if column.name in table:
            continue
        if column.unknown is None:
            raise BadInput(
                f"{shown(path)}: found no column {column.name}, allowed: a table of requests"
            )
        table[column.name] = _typed([column.unknown] * len(table), column)
    return table


def last_attempts(table: pd.DataFrame) -> pd.DataFrame:
    """Without the blocks that were disturbed and run again: what a run has found."""
    last = table.groupby(["deployment", "repeat"])["attempt"].transform("max")
    return table[table["attempt"] == last]


def tasks_of(table: pd.DataFrame) -> list[str]:
    """Tasks that have labels, in the order of their columns."""
    return [name.removeprefix(LABEL) for name in table.columns if name.startswith(LABEL)]


def _typed(values: Sequence[Any], column: Column) -> Any:
    """Text as pandas keeps it, numbers as numpy does."""
    if column.type == "str":
        return pd.array(values, dtype="str")
    return np.array(values, dtype=column.type)
