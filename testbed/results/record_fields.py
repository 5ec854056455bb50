"""A request's record as plain values, and back: for the way to the parent, and for the disk.

What a record is made of is declared in `record.py` alone.
"""

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter

from testbed.results.record import RequestRecord

_NAMES = tuple(field.name for field in fields(RequestRecord))
_RECORDS = TypeAdapter(RequestRecord)


def record_to_fields(record: RequestRecord) -> dict[str, Any]:
    """A record as values JSON knows; what never happened (NaN) is left out."""
    values = ((name, getattr(record, name)) for name in _NAMES)
    return {name: value for name, value in values if value == value}  # noqa: PLR0124  (not NaN)


def record_from_fields(values: object) -> RequestRecord:
    """The same record again. Raises ValueError for values that are no record's."""
    return _RECORDS.validate_python(values)
