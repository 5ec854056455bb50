"""How a column of results is declared: once, with what everything else needs to know of it.

A field of `record.RequestRecord` is declared by `column(...)`. The table and its Parquet file,
`summary.json`, the table of a sweep and the reference page of `testbed columns` follow from that.
"""

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from math import isnan
from typing import Any, Required, TypedDict, TypeVar, Unpack, dataclass_transform, overload

T = TypeVar("T")

_TYPES: dict[object, str] = {
    float: "float64",
    int: "int64",
    bool: "bool",
    str: "str",
    dict[str, int]: "Int64",  # of each task
}
_UNKNOWN = ("", -1)  # and NaN
_SCALES = {("s", "ms"): 1e3}


class Aggregate(StrEnum):
    """What becomes of a column where the requests of a deployment are summarised.

    In the order in which a summary and a sweep's table tell of them.
    """

    NONE = ""
    COUNTS = "counts"
    SPREAD = "mean and percentiles"
    MEAN = "mean"
    MEAN_OF_KNOWN = "mean of known"
    COUNT_OF_KNOWN = "count of known"
    SHARE_RIGHT = "share right"


AGGREGATES = {
    Aggregate.COUNTS: "how many requests have each value",
    Aggregate.SPREAD: "mean over the requests that got an answer, and percentiles over all, "
    "a lost request being infinitely slow; each with its 95 % interval",
    Aggregate.MEAN: "mean over the requests that got an answer, late ones included",
    Aggregate.MEAN_OF_KNOWN: "mean over all requests for which it is known",
    Aggregate.COUNT_OF_KNOWN: "how many requests that got an answer have it",
    Aggregate.SHARE_RIGHT: "share of all labelled requests that were answered correctly",
}
"""What each of them means, in words."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: of a table, and of what is made of it.

    name: in the table. unit: SI, or a word ("bytes"); "" where there is none. type: pandas'.
    aggregate: what becomes of it in a deployment's part of summary.json; summary: the keys (and
    positions) that lead to it there; summary_unit: its unit there. sweep: its name in the table of
    a sweep. prefix: where a record holds a value for each task, how the names of these columns
    begin; "" elsewhere. attribute: of the record that holds it. unknown: the value that says that
    nothing is known (NaN, -1 or ""); None where there is none. For a column that joined later it is
    what tables from before it stand for. values: all that an enum has.
    """

    name: str
    type: str
    doc: str
    unit: str = ""
    aggregate: Aggregate = Aggregate.NONE
    summary: tuple[str | int, ...] = ()
    summary_unit: str = ""
    sweep: str = ""
    prefix: str = ""
    attribute: str = ""
    unknown: float | str | None = None
    values: tuple[str, ...] = ()

    @property
    def scale(self) -> float:
        """What a value is multiplied by to be in the summary's unit."""
        return 1.0 if self.summary_unit == self.unit else _SCALES[self.unit, self.summary_unit]


class About(TypedDict, total=False):
    """What a declaration says of a column; `Column` tells what each key means.

    By default the value stands in summary.json and in a sweep's table under the column's own name,
    in its own unit.
    """

    doc: Required[str]
    unit: str
    aggregate: Aggregate
    summary: tuple[str | int, ...]
    summary_unit: str
    sweep: str
    prefix: str
    unknown: float


@overload
def column(**about: Unpack[About]) -> Any: ...
@overload
def column(*, default: T, **about: Unpack[About]) -> T: ...
@overload
def column(*, default_factory: Callable[[], T], **about: Unpack[About]) -> T: ...
def column(**declared: Any) -> Any:
    """Declare a field of a record as a column.

    `default` and `default_factory` are those of `dataclasses.field`: the value until more is known.
    """
    default = {key: declared.pop(key) for key in ("default", "default_factory") if key in declared}
    return field(metadata={"about": declared}, **default)


@dataclass_transform(field_specifiers=(column,))
def record_type(declared: type[T]) -> type[T]:
    """Make the class a mutable dataclass with slots, whose fields are columns."""
    return dataclass(slots=True)(declared)


def columns_of(record: type) -> tuple[Column, ...]:
    """The columns that the fields of a record type declare, in their order."""
    return tuple(_of_field(each) for each in fields(record))


def _of_field(each: Field[Any]) -> Column:
    about: About = each.metadata["about"]
    name = about["prefix"] + "TASK" if "prefix" in about else each.name
    kind = each.type
    default: Any = each.default
    is_nan = isinstance(default, float) and isnan(default)
    usual: dict[str, Any] = {
        "summary": (name,),
        "summary_unit": about.get("unit", ""),
        "sweep": name,
        "unknown": default if is_nan or default in _UNKNOWN else None,
    }
    values: tuple[str, ...] = ()
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        values = tuple(map(str, kind))
    return Column(
        name=name,
        type="str" if values else _TYPES[kind],
        attribute=each.name,
        values=values,
        **(usual | dict(about)),
    )
