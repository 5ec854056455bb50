"""A data frame as a Markdown table."""

from typing import Any

import pandas as pd

from testbed.results.wording import UNKNOWN


def table_lines(frame: pd.DataFrame) -> list[str]:
    """Header, alignment (numbers to the right) and one line a row."""
    columns = list(frame.columns)
    numeric = [pd.api.types.is_numeric_dtype(frame[column]) for column in columns]
    return [
        _row(columns),
        _row(["---:" if right else ":---" for right in numeric]),
        *(_row(list(values)) for values in frame.itertuples(index=False, name=None)),
    ]


def _row(cells: list[Any]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")
