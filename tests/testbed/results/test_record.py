"""A record is whole in JSON, and what is no record is refused."""

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from testbed.results.record import COLUMNS, Outcome, RequestRecord, record_from_json, record_to_json
from tests.testbed import synthetic


def same(left: RequestRecord, right: RequestRecord) -> bool:
    """NaN is the same as NaN."""
    return repr(left) == repr(right)


def test_every_field_survives_a_line_of_json() -> None:
    records = [*synthetic.records(requests=20), RequestRecord("local", 0, 0, 0, due_s=1 / 3)]
    chance = np.random.default_rng(1)
    for record in records:
        record.server_s = float(chance.random())
        back = record_from_json(json.loads(json.dumps(record_to_json(record))))
        assert same(back, record)
        assert isinstance(back.outcome, Outcome)


def test_the_outcome_is_text_and_a_lost_one_is_the_default() -> None:
    assert record_to_json(RequestRecord("local", 0, 0, 0, due_s=0.0))["outcome"] == "lost"


@pytest.mark.parametrize(
    "change",
    [{"outcome": "gone"}, {"due_s": "soon"}, {"repeat": 1.5}, {"labels": {"scale": "x"}}, {"x": 1}],
)
def test_what_is_no_record_is_refused(change: dict[str, Any]) -> None:
    whole = record_to_json(RequestRecord("local", 0, 0, 0, due_s=0.0))
    with pytest.raises(ValueError, match=next(iter(change))):
        record_from_json(whole | change)
    with pytest.raises(ValueError, match="due_s"):
        record_from_json({name: value for name, value in whole.items() if name != "due_s"})
    with pytest.raises(ValueError, match="RequestRecord"):
        record_from_json([])


def test_every_field_is_a_column_with_words_and_a_unit_that_its_name_says() -> None:
    assert [column.attribute for column in COLUMNS] == [one.name for one in fields(RequestRecord)]
    for column in COLUMNS:
        assert column.doc
        assert column.name.endswith("_s") == (column.unit == "s")
        assert column.name.endswith("_bytes") == (column.unit == "bytes")
