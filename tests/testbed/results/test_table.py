"""Requests survive the way into a file, and damage is told in one line."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from testbed.errors import BadInput
from testbed.results.derived import STAGES
from testbed.results.record import RequestRecord
from testbed.results.table import last_attempts, read_table, table_of, tasks_of, write_table
from tests.testbed import synthetic
from tests.testbed.command_line import ROOT


def test_one_row_a_request_with_everything_known_of_it() -> None:
    records = synthetic.records(requests=5, repeats=2)
    table = table_of(records)
    assert len(table) == len(records) == 3 * 5 * 2
    flat = [f.name for f in fields(RequestRecord) if f.name not in ("predictions", "labels")]
    stages = [f"stage_{stage}_s" for stage in STAGES]
    classes = [f"{kind}_{task}" for kind in ("predicted", "label") for task in ("scale", "shape")]
    assert list(table.columns) == [*flat, "latency_s", *stages, "edge_energy_j", *classes]
    for (_, row), record in zip(table.iterrows(), records, strict=True):
        assert row["outcome"] == record.outcome
        assert row["stage_encode_s"] == record.encode_done_s - record.head_done_s
        assert row["label_scale"] == record.labels["scale"]


def test_a_mark_and_the_stage_of_the_same_name_are_two_columns() -> None:
    row = table_of(synthetic.records({"local": synthetic.LOCAL}, requests=1, repeats=1)).iloc[0]
    assert pd.isna(row["uplink_s"]) and row["stage_uplink_s"] == 0


def test_round_trip(tmp_path: Path) -> None:
    timings = {"remote-jpeg-q90": synthetic.REMOTE}
    table = table_of(synthetic.records(timings, requests=200, repeats=1))
    assert table["predicted_scale"].isna().any()  # lost ones have none; they stay whole numbers
    write_table(table, tmp_path / "requests.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "requests.parquet"), table)
    metadata = pq.read_schema(tmp_path / "requests.parquet").metadata
    assert metadata[b"testbed.schema"] == b"2"


def test_no_requests_round_trip(tmp_path: Path) -> None:
    write_table(table_of([]), tmp_path / "requests.parquet")
    assert len(read_table(tmp_path / "requests.parquet")) == 0
    assert tasks_of(table_of([])) == []


def _refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refusal:
        read_table(path)
    message = str(refusal.value)
    assert "\n" not in message and message.startswith(str(path))
    return message


def test_damage_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    write_table(table_of(synthetic.records(requests=3)), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "Parquet" in _refusal(path)
    path.write_bytes(b"")
    assert "Parquet" in _refusal(path)
    path.write_bytes(whole[:40] + bytes(60) + whole[100:])
    assert "Parquet" in _refusal(path)
    path.unlink()
    _refusal(path)


def test_tables_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"x": [1]}), path)
    assert "found schema none, allowed: 1 or 2" in _refusal(path)
    write_table(table_of(synthetic.records(requests=1)).drop(columns="latency_s"), path)
    assert "no column latency_s" in _refusal(path)


def test_the_schema_before_is_read_under_the_new_names(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    table = table_of(synthetic.records(requests=3))
    write_table(
        table.rename(columns={"head_done_s": "headed_s", "encode_done_s": "encoded_s"}), path
    )
    stamp(path, b"1")
    pd.testing.assert_frame_equal(read_table(path), table)
    stamp(path, b"3")
    assert "found schema 3, allowed: 1 or 2" in _refusal(path)


def test_the_published_run_is_read() -> None:
    table = read_table(ROOT / "results" / "reference" / "lte" / "requests.parquet")
    assert len(table) == 5 * 240
    assert (table["encode_done_s"] >= table["head_done_s"]).all()


def stamp(path: Path, schema: bytes) -> None:
    arrow = pq.read_table(path)
    stamped = {**arrow.schema.metadata, b"testbed.schema": schema}
    pq.write_table(arrow.replace_schema_metadata(stamped), path)


def test_a_column_that_joined_later_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    write_table(table_of(synthetic.records(requests=3)).drop(columns=["wire_up_bytes"]), path)
    assert set(read_table(path)["wire_up_bytes"]) == {-1}


def test_a_stage_that_joined_later_is_0_and_one_that_was_always_there_is_asked_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "requests.parquet"
    table = table_of(synthetic.records(requests=3))
    write_table(table.drop(columns=["stage_queue_s", "stage_reply_wait_s"]), path)
    assert set(read_table(path)["stage_queue_s"]) == {0.0}
    write_table(table.drop(columns=["stage_tail_s"]), path)
    with pytest.raises(BadInput, match="found no column stage_tail_s"):
        read_table(path)


def test_tables_from_before_devices_hold_first_attempts_without_overruns(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    joined = ["edge_overrun_s", "server_overrun_s", "overruns", "attempt"]
    table = table_of(synthetic.records(requests=3))
    write_table(table.drop(columns=joined), path)
    pd.testing.assert_frame_equal(read_table(path)[list(table)], table)


def test_the_last_attempt_at_each_block_is_what_was_found() -> None:
    records = []
    for repeat, attempt in ((0, 0), (0, 1), (0, 2), (1, 0)):
        for record in synthetic.records(requests=2, repeats=1):
            record.repeat, record.attempt = repeat, attempt
            records.append(record)
    found = last_attempts(table_of(records))
    of_split = found[found["deployment"] == found["deployment"].iloc[0]]
    assert list(zip(of_split["repeat"], of_split["attempt"], strict=True)) == [
        *((0, 2), (0, 2), (1, 0), (1, 0))
    ]
    assert last_attempts(table_of([])).empty


def test_units_and_meanings_travel_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "requests.parquet"
    write_table(table_of(synthetic.records(requests=3)), path)
    schema = pq.read_schema(path)
    assert schema.field("latency_s").metadata[b"unit"] == b"s"
    assert b"class answered" in schema.field("predicted_scale").metadata[b"doc"]
    assert all(schema.field(name).metadata[b"doc"] for name in schema.names)


def test_a_table_without_requests_has_the_columns_and_types_of_one_with() -> None:
    some = table_of(synthetic.records(requests=1))
    none = table_of([])
    assert none.dtypes.to_dict() == some[list(none)].dtypes.to_dict()
    assert {name for name in some if name not in none} == {
        *("predicted_scale", "predicted_shape", "label_scale", "label_shape")
    }
