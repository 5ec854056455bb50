"""Links are drawn before anything is measured, rivals judged alike, and no cell is left out."""

from argparse import ArgumentTypeError
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.prediction import part_of
from benchmarks.prediction_errors import compare, error_table, interval_of, misses
from benchmarks.prediction_links import FEATURES, RATE_MBPS, draw
from benchmarks.prediction_report import verdict, write_report
from benchmarks.prediction_rivals import AGAIN, CLOSED_FORM, MODEL, closed_form, statistics_of
from testbed.virtual import simulate
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of

ROWS = 3


def test_a_seed_draws_the_same_links_and_another_others() -> None:
    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


def test_every_value_of_every_feature_comes_as_often_as_any_other() -> None:
    links = draw(1)
    for name, values in FEATURES.items():
        came = Counter(getattr(link, name) for link in links)
        for value, times in Counter(values).items():
            assert abs(came[value] - times * len(links) / len(values)) <= times, name
    rates = sorted(link.rate_mbps for link in links)
    assert RATE_MBPS[0] <= rates[0] < 1 and 70 < rates[-1] <= RATE_MBPS[1]


def test_every_drawn_link_is_a_scenario() -> None:
    for link in draw(2, 30):
        spec = link.scenario().link.to_spec()
        assert spec.congestion_control == link.congestion_control
        assert spec.uplink.delay_s == pytest.approx(link.rtt_ms / 2e3, rel=1e-3)
        assert (spec.uplink.trace is not None) == (link.varies == "trace")
        assert bool(spec.uplink.outages) == (link.varies == "outages")


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    """Two links as if everything took twice as long in truth, and a half more the second time."""
    calm: dict[str, Any] = {
        "loss": "none",
        "jitter": 0.0,
        "varies": "no",
        "trace": "",
        "arrival": "closed",
    }
    links = [
        replace(link, **calm, backbone="mobilenet_v3_small", queue="300ms", rate_mbps=rate_mbps)
        for link, rate_mbps in zip(draw(3, 2), (10.0, 20.0), strict=True)
    ]
    tables = []
    for link in links:
        scenario = link.scenario(4, 2)
        table = simulate(scenario, repertoire_of(scenario, Contents(ROWS))).requests.assign(
            link=link.name
        )
        for time, factor in enumerate((2, 3)):
            tables.append(table.assign(time=time, latency_s=table["latency_s"] * factor))
    return compare(links, pd.concat(tables), lambda line: None, chances=2, rows=ROWS)


def test_errors_are_shares_of_what_was_measured_first(cells: pd.DataFrame) -> None:
    assert len(cells) == 8
    assert cells[f"{MODEL} p50"].to_numpy() == pytest.approx([-0.5] * 8, abs=0.03)
    assert cells[f"{AGAIN} mean"].to_numpy() == pytest.approx([0.5] * 8)
    assert (cells[f"{CLOSED_FORM} mean"] <= cells[f"{MODEL} mean"] + 0.01).all()


def test_the_report_says_what_was_missed(cells: pd.DataFrame, tmp_path: Path) -> None:
    said = list(verdict(cells))
    assert len(said) == 4
    assert all("MISSED" in line and f"{AGAIN} 50.0 %" in line for line in said)
    assert len(misses(cells)) == 8
    table = error_table(cells).set_index(["region", "is", "rival"])
    assert table.loc[("deployment", "local", MODEL), "cells"] == 2
    facts = {"command": "none", "frozen_at": "abc", "hindsight": False}
    names = {path.name for path in write_report(cells, facts, tmp_path)}
    assert names >= {"cells.csv", "errors.csv", "prediction.md", "prediction.png"}
    assert "no test" not in (tmp_path / "prediction.md").read_text(encoding="utf-8")


def test_a_model_mended_by_what_it_is_judged_by_is_said_to_be(
    cells: pd.DataFrame, tmp_path: Path
) -> None:
    facts = {"command": "none", "frozen_at": "abc", "hindsight": True}
    out = tmp_path / "of its own"
    write_report(cells, facts | {"environment": {"git": {"commit": "def"}}}, out)
    page = (out / "prediction.md").read_text(encoding="utf-8")
    assert "commit def,\nmended since by what these cells showed: they are no test" in page


def test_intervals_are_of_links_not_of_cells(cells: pd.DataFrame) -> None:
    spread = cells.assign(**{f"{MODEL} p50": np.where(cells["link"] == cells["link"][0], 0.1, 0.3)})
    assert interval_of(spread, MODEL, ("p50", "p95")) == (0.1, 0.3)


def test_what_is_mostly_lost_is_infinitely_slow() -> None:
    assert statistics_of(np.array([1.0, np.nan, np.nan]))["p50"] == np.inf
    assert np.isnan(statistics_of(np.array([np.nan]))["mean"])


def test_the_closed_form_is_compute_round_trip_and_bytes() -> None:
    link = replace(draw(3, 1)[0], backbone="mobilenet_v3_small", trace="", varies="no", asymmetry=1)
    slow, fast = (replace(link, rate_mbps=rate_mbps).scenario(4, 1) for rate_mbps in (1.0, 2.0))
    repertoire = repertoire_of(slow, Contents(ROWS))
    assert closed_form(slow, repertoire)["local"] == closed_form(fast, repertoire)["local"]
    gained_s = (
        closed_form(slow, repertoire)["split-fp16"]["p50"]
        - closed_form(fast, repertoire)["split-fp16"]["p50"]
    )
    assert gained_s == pytest.approx(4608 * 8 / 2e6, rel=0.05)


def test_parts_are_numbered_from_one() -> None:
    assert part_of("1/3") == (1, 3)
    for wrong in ("0/3", "4/3", "3", "a/b", "-1/3", ""):
        with pytest.raises(ArgumentTypeError, match="allowed: K/N"):
            part_of(wrong)
