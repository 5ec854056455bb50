"""The grid and its split are fixed before anything is measured, and errors are counted right."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.prediction_cells import grid
from benchmarks.prediction_errors import compare, error_table, misses
from benchmarks.prediction_report import verdict, write_report
from testbed.config.arrivals.periodic import Periodic
from testbed.virtual import Profile, simulate
from tests.testbed.virtual import made_up


def test_the_split_is_even_and_more_links_do_not_change_it() -> None:
    few, many = grid(10), grid(48)
    assert many[:10] == few
    assert sum(link.held_out for link in many) == 20  # four were looked at before
    assert len({link.name for link in many}) == 48


def test_every_link_of_the_grid_is_a_scenario_with_time_to_rest() -> None:
    for link in grid(60):
        scenario = link.scenario(requests=4, repeats=1)
        assert scenario.link.to_spec().uplink.rate_bps == link.rate_mbps * 1e6
        assert scenario.link.to_spec().congestion_control == link.congestion_control
        if link.arrival == "periodic":
            arrival = scenario.workload.arrival
            assert isinstance(arrival, Periodic)
            assert 1 / arrival.periodic == pytest.approx(link.period_s, rel=1e-4)


def profile() -> Profile:
    """Of the three deployments that the grid has; only one is needed to fill all."""
    split = made_up.profile().of("split-fp16")
    names = ("remote-jpeg-q90", "remote-jpeg-q90-resized", "split-fp16")
    return made_up.profile().model_copy(update={"deployments": dict.fromkeys(names, split)})


def test_errors_are_shares_of_what_was_measured(tmp_path: Path) -> None:
    links = grid(4)
    tables = []
    for link in links:
        table = simulate(link.scenario(6, 2), profile()).requests
        stages = ["latency_s", "stage_uplink_s", "stage_downlink_s"]
        table[stages] *= 2  # as if everything took twice as long in truth
        table.insert(0, "link", link.name)
        table.insert(1, "profile", 0)
        tables.append(table)
    cells = compare(links, pd.concat(tables), [profile()], lambda line: None)
    assert len(cells) == 12
    quiet = cells[cells["loss"] == 0]
    assert quiet["error_p50"].to_numpy() == pytest.approx([-0.5] * len(quiet), abs=0.02)
    errors = error_table(cells).set_index(["region", "is"])
    assert errors.loc[("split", "held out"), "cells"] == 6
    assert errors.loc[("all", ""), "bias"] == pytest.approx(-0.5, abs=0.02)
    assert len(misses(cells)) == 12
    assert all("MISSED" in line for line in verdict(error_table(cells)))
    facts = {"command": "none", "measured_utc": ["now"], "drift": "none"}
    names = {path.name for path in write_report(cells, cells, facts, tmp_path)}
    assert names >= {"cells.csv", "errors.csv", "prediction.md", "prediction.png"}
