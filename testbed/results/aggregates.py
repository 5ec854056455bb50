"""What becomes of a column in a summary, and of a summary's numbers in the table of a sweep.

`aggregate` makes the first, `sweep_columns` tells the second, for every `column.Aggregate`; neither
knows which columns there are.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from testbed.results import estimates
from testbed.results.column import Aggregate, Column

PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}

_ORDER = list(Aggregate)
_SHARE = "share of all labelled requests answered correctly; missing for untrained weights"


def summarised(columns: Iterable[Column]) -> list[Column]:
    """Those that summaries tell of, in the order in which they do."""
    found = (column for column in columns if column.aggregate is not Aggregate.NONE)
    return sorted(found, key=lambda column: _ORDER.index(column.aggregate))


def aggregate(column: Column, rows: pd.DataFrame, answered: pd.DataFrame) -> Any:
    """What summary.json tells of a column.

    rows: the requests of one deployment. answered: those of them that got an answer. Raises
    ValueError for a column that has no value for a request as a whole.
    """
    match column.aggregate:
        case Aggregate.COUNTS:
            return {value: int((rows[column.name] == value).sum()) for value in column.values}
        case Aggregate.SPREAD:
            return _spread(column, rows, answered)
        case Aggregate.MEAN:
            return estimates.mean(_values(column, answered))
        case Aggregate.MEAN_OF_KNOWN:
            known = rows[column.name].notna() & (rows[column.name] != column.unknown)
            return estimates.mean(_values(column, rows[known]))
        case Aggregate.COUNT_OF_KNOWN:
            return int(answered[column.name].notna().sum())
    raise ValueError(f"{column.name}: {column.aggregate} is not of a column with a value a request")


def _values(column: Column, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Of every row, in the summary's unit."""
    return np.asarray(rows[column.name], float) * column.scale


def _spread(column: Column, rows: pd.DataFrame, answered: pd.DataFrame) -> dict[str, Any]:
    known, of_all = _values(column, answered), len(rows)
    repeats = [_values(column, block) for _, block in answered.groupby("repeat")]
    means = [float(block.mean()) for block in repeats]
    return {
        "mean": estimates.mean(known),
        "ci95": list(estimates.mean_interval(means, [len(block) for block in repeats])),
        **{name: estimates.quantile(known, of_all, share) for name, share in PERCENTILES.items()},
        "percentiles_ci95": {
            name: list(estimates.quantile_interval(known, of_all, share))
            for name, share in PERCENTILES.items()
        },
        "mean_by_repeat": means,
    }


def sweep_columns(column: Column) -> list[Column]:
    """The columns of a sweep's table that hold a column's aggregate; counts have none.

    `summary` of each leads to its value in a deployment's part of summary.json.
    """
    match column.aggregate:
        case Aggregate.MEAN | Aggregate.MEAN_OF_KNOWN:
            return [_in_sweep(column, column.sweep, column.doc)]
        case Aggregate.COUNT_OF_KNOWN:
            return [_in_sweep(column, column.sweep, f"answered requests for which: {column.doc}")]
        case Aggregate.SPREAD:
            found = _with_interval(column, "mean", "mean of those with an answer", "ci95")
            for name, share in PERCENTILES.items():
                doc = f"{share * 100:.0f} % of all requests took no longer"
                found += _with_interval(column, name, doc, "percentiles_ci95", name)
            return found
        case Aggregate.SHARE_RIGHT:
            return [replace(_in_sweep(column, column.sweep + "TASK", _SHARE), prefix=column.sweep)]
    return []


def _with_interval(column: Column, number: str, doc: str, *interval: str) -> list[Column]:
    """A number of a spread, and the ends of its interval, which stands at `interval`."""
    start, unit = f"{column.sweep}{number}", column.summary_unit
    found = [_in_sweep(column, f"{start}_{unit}", f"{column.doc}: {doc}", number)]
    for at, (end, which) in enumerate((("low", "lower"), ("high", "upper"))):
        doc = f"{which} end of the 95 % interval of {start}_{unit}"
        found.append(_in_sweep(column, f"{start}_{end}_{unit}", doc, *interval, at))
    return found


def _in_sweep(column: Column, name: str, doc: str, *place: str | int) -> Column:
    return Column(
        name, "float64", doc, column.summary_unit, column.aggregate, (*column.summary, *place)
    )
