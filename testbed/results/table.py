"""Requests as a table: one row a request, units in the column names.

The one form in which finished requests are summarised, drawn and stored. `record.py` says what a
column means; `run_folder.py` puts the table beside the rest of a run.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from testbed.errors import BadInput
from testbed.files import reading
from testbed.results.record import STAGES, RequestRecord

SCHEMA = 1
"""Goes up when a column changes its meaning or leaves; new columns may join."""

PREDICTED, LABEL, STAGE = "predicted_", "label_", "stage_"

_METADATA = {
    b"testbed.schema": str(SCHEMA).encode(),
    b"testbed.row": b"one request; its deployment, repeat and index name it",
    b"testbed.times": b"seconds; marks count from the start of the request's block, on the edge's "
    b"monotonic clock; NaN never happened",
    b"testbed.wire_bytes": b"IP bytes of the link until the next request; -1 is unknown",
}
_NEEDED = {
    "deployment",
    "repeat",
    "outcome",
    "latency_s",
    "payload_up_bytes",
    "payload_down_bytes",
    "wire_up_bytes",
    "wire_down_bytes",
    *(f"{STAGE}{stage}_s" for stage in STAGES),
}


def table_of(records: Iterable[RequestRecord]) -> pd.DataFrame:
    """The records in their order. Predictions and labels are whole numbers or missing."""
    rows = [record.as_row() for record in records]
    columns = None if rows else sorted(_NEEDED)
    table = pd.DataFrame(rows, columns=columns)
    classes = [name for name in table.columns if name.startswith((PREDICTED, LABEL))]
    return table.astype(dict.fromkeys(classes, "Int64"))


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write Parquet; the version of the columns goes into the schema's metadata.

    Raises OSError.
    """
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **_METADATA})
    pq.write_table(arrow, path)


def read_table(path: Path) -> pd.DataFrame:
    """Read what `write_table` wrote. Raises BadInput when the file is anything else."""
    with reading(path, "a Parquet file of requests", pa.ArrowException):
        arrow = pq.read_table(path)
    found = (arrow.schema.metadata or {}).get(b"testbed.schema", b"none").decode(errors="replace")
    if found != str(SCHEMA):
        raise BadInput(f"{path}: found schema {found}, allowed: {SCHEMA}")
    missing = sorted(_NEEDED - set(arrow.column_names))
    if missing:
        raise BadInput(f"{path}: found no column {missing[0]}, allowed: a table of requests")
    table: pd.DataFrame = arrow.to_pandas()
    return table


def tasks_of(table: pd.DataFrame) -> list[str]:
    """Tasks that have labels, in the order of their columns."""
    return [name.removeprefix(LABEL) for name in table.columns if name.startswith(LABEL)]
