"""Rows of a sweep: the summary's numbers under the table's names, typed."""

import math
from typing import Any

import pandas as pd
import pytest

from testbed.results.derived import STAGES
from testbed.sweep.columns import COLUMNS, rows_of, rows_of_failed, table_of_rows
from testbed.virtual import run_virtual
from tests.testbed.virtual import made_up

POINT: dict[str, Any] = {
    "point": "p",
    "index": 3,
    "backend": "simpy",
    "clock": "virtual",
    "x.y": 2.0,
}


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    scenario = made_up.scenario("local", "split", link={"rate": "10mbit"})
    return run_virtual(scenario, made_up.profile())[1]


def test_a_row_a_deployment_with_the_summarys_numbers(summary: dict[str, Any]) -> None:
    table = table_of_rows(rows_of(summary, POINT), ["x.y"])
    assert list(table["deployment"]) == ["local", "split-fp16"]
    split, told = table.iloc[1], summary["deployments"][1]
    assert split["x.y"] == 2.0
    assert (split["point"], split["index"], split["clock"]) == ("p", 3, "virtual")
    assert split["requests"] == told["requests"] == split["in_time"] + split["late"] + split["lost"]
    assert split["mean_ms"] == told["latency_ms"]["mean"]
    assert [split["p50_low_ms"], split["p50_high_ms"]] == told["latency_ms"]["percentiles_ci95"][
        "p50"
    ]
    assert split["uplink_rate_bps"] == 10e6
    assert split["rtt_ms"] == pytest.approx(40)
    assert split["payload_up_bytes"] == made_up.PAYLOAD_BYTES
    assert split["accuracy_shape"] == told["accuracy"]["shape"]
    assert pd.isna(split["failed"])
    assert pd.isna(table["codec"].iloc[0])


def test_stages_sum_to_the_mean(summary: dict[str, Any]) -> None:
    table = table_of_rows(rows_of(summary, POINT), ["x.y"])
    total = table[[f"stage_{stage}_ms" for stage in STAGES]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(table["mean_ms"].to_numpy())


def test_a_failed_point_keeps_its_place_without_numbers(summary: dict[str, Any]) -> None:
    failed = rows_of_failed("why", made_up.scenario("local", "split"), POINT)
    table = table_of_rows([*rows_of(summary, POINT), *failed], ["x.y"])
    assert list(table["deployment"]) == ["local", "split-fp16"] * 2
    assert list(table["failed"].isna()) == [True, True, False, False]
    assert table["failed"].iloc[3] == "why"
    assert math.isnan(table["mean_ms"].iloc[3])
    assert pd.isna(table["requests"].iloc[3])
    assert table["kind"].iloc[3] == "split"


def test_columns_and_types_do_not_depend_on_what_happened(summary: dict[str, Any]) -> None:
    done = table_of_rows(rows_of(summary, POINT), ["x.y"])
    failed = table_of_rows(rows_of_failed("why", made_up.scenario("local"), POINT), ["x.y"])
    common = [name for name in done.columns if not str(name).startswith("accuracy_")]
    assert list(failed) == common
    assert failed.dtypes.to_dict() == done[common].dtypes.to_dict()


def test_an_axis_is_of_numbers_unless_one_value_is_none(summary: dict[str, Any]) -> None:
    def kind(*values: Any) -> str:
        rows = [row for value in values for row in rows_of(summary, POINT | {"x.y": value})]
        return str(table_of_rows(rows, ["x.y"])["x.y"].dtype)

    assert kind(1, 2.5) == kind(1.0, None) == "float64"
    assert kind(0.1, "{periodic: 10hz}") == kind("a", "b") == "string"


def test_an_axis_may_have_the_name_of_a_column(summary: dict[str, Any]) -> None:
    table = table_of_rows(rows_of(summary, POINT), ["requests"])
    assert list(table).count("requests") == 1


def test_every_column_is_declared(summary: dict[str, Any]) -> None:
    names = set(map(str, table_of_rows(rows_of(summary, POINT), ["x.y"])))
    declared = {column.name for column in COLUMNS if not column.prefix}
    assert names == declared | {"x.y", "accuracy_shape"}
