"""Every request of a run over when it was due: who answered it, and when the link was out."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from testbed.figures import style, timeline
from testbed.figures.axis import CannotDraw
from testbed.figures.kinds import draw_all
from testbed.virtual import run_virtual
from tests.testbed.figures.test_figures import assert_readable, data, texts
from tests.testbed.synthetic import USUAL
from tests.testbed.virtual import made_up

Data = tuple[dict[str, Any], pd.DataFrame]


@pytest.fixture(autouse=True)
def styled() -> Iterator[None]:
    with style.applied(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def outage(**edge: str) -> Data:
    """Ten requests a second for four seconds; nothing crosses the link from 1 s to 2 s."""
    scenario = made_up.scenario(
        link={"outages": [{"at": "1s", "lasting": "1s"}]},
        edge=edge,
        workload={
            "requests": 40,
            "warmup": 0,
            "arrival": {"periodic": "10hz"},
            "deadline": "200ms",
            "timeout": "500ms",
        },
    )
    requests, summary = run_virtual(scenario, made_up.profile(whole_s=0.03))
    return summary, requests


FALLS_BACK = {"fallback": "local", "after": "300ms"}


def drawn_points(figure: Figure) -> dict[str, int]:
    """Panel and colour -> how many."""
    found = {}
    for panel, axes in enumerate(figure.axes):
        for dots in axes.collections:
            if count := len(np.atleast_2d(np.asarray(dots.get_offsets()))):
                found[f"{panel} {to_hex(np.asarray(dots.get_facecolor())[0])}"] = count
    return found


def test_who_answered_is_a_colour_and_an_outage_is_shaded() -> None:
    summary, requests = outage(**FALLS_BACK)
    figure = timeline.draw(summary, requests)
    assert_readable(figure)
    split = requests[requests["deployment"] == "split-fp16"]
    waited = int((split["fell_back_s"].notna() & split["sent_s"].notna()).sum())
    at_once = int((split["fell_back_s"].notna() & split["sent_s"].isna()).sum())
    assert waited >= 2 and at_once > 5
    found = drawn_points(figure)
    wanted = {
        f"0 {timeline.EDGE.colour}": 40,
        f"1 {timeline.SERVER.colour}": 40 - waited - at_once,
        f"1 {timeline.AFTER.colour}": waited,
        f"1 {timeline.AT_ONCE.colour}": at_once,
    }
    assert found == wanted
    for axes in figure.axes:
        shade = axes.patches[0].get_extents().transformed(axes.transData.inverted())
        assert (shade.x0, shade.x1) == pytest.approx((1.0, 2.0))
    words = {text.get_text() for text in texts(figure)}
    assert {look.words for look in timeline.LOOKS[:4]} | {"outage of the link"} <= words
    assert "deadline 200 ms; the edge falls back after 300 ms" in words


def test_what_is_lost_is_at_the_top() -> None:
    summary, requests = outage()
    figure = timeline.draw(summary, requests)
    assert_readable(figure)
    lost = int((requests["outcome"] == "lost").sum())
    assert lost > 3
    assert drawn_points(figure)[f"1 {timeline.LOST.colour}"] == lost


def test_a_run_draws_it_where_its_edge_may_fall_back(tmp_path: Path) -> None:
    def names(of: Data, kinds: list[str] | None = None) -> set[str]:
        return {path.stem for path in draw_all(*of, tmp_path, kinds)}

    assert "timeline" in names(outage(**FALLS_BACK))
    assert "timeline" not in names(outage())
    assert names(outage(), ["timeline"]) == {"timeline"}


def test_a_table_from_before_blocks_told_when_they_began_is_none() -> None:
    with pytest.raises(CannotDraw, match="found no block_start_s"):
        timeline.draw(*data(USUAL))
