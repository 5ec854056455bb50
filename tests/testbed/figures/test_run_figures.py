"""The waterfall of a run, and the latency distributions of several."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from testbed.figures import cdf, stages, style
from testbed.figures.axis import CannotDraw
from testbed.figures.cdf import NamedRun
from testbed.figures.kinds import draw_all, draw_runs
from tests.testbed.figures.test_figures import NOTHING, RUNS, assert_readable, bar_ends, data, texts
from tests.testbed.synthetic import LOCAL, SPLIT, USUAL


@pytest.fixture(autouse=True)
def styled() -> Iterator[None]:
    with style.applied(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def named(name: str, timings: dict[str, Any] = USUAL, **changes: Any) -> NamedRun:
    summary, requests = data(timings, requests=20)
    return NamedRun(name, {**summary, **changes}, requests)


@pytest.mark.parametrize("timings", RUNS.values(), ids=RUNS)
def test_a_waterfall_is_readable(timings: dict[str, Any]) -> None:
    assert_readable(stages.draw_waterfall(data(timings, requests=20)[0]))


def test_the_published_run_is_drawn_though_stages_joined_since() -> None:
    published = Path(__file__).parents[3] / "results" / "reference" / "lte" / "summary.json"
    summary = json.loads(published.read_text(encoding="utf-8"))
    for deployment in summary["deployments"]:
        deployment["stages_ms"].pop("queue", None)
    assert_readable(stages.draw(summary))
    assert_readable(stages.draw_waterfall(summary))


def test_each_stage_begins_where_the_one_before_it_ends() -> None:
    summary, _ = data({"split-fp16": SPLIT})
    axes = stages.draw_waterfall(summary).axes[0]
    bars = sorted(axes.patches, key=lambda bar: bar.get_y())  # type: ignore[attr-defined]
    starts = [bar.get_x() for bar in bars]  # type: ignore[attr-defined]
    ends = [bar.get_x() + bar.get_width() for bar in bars]  # type: ignore[attr-defined]
    assert starts[0] == 0
    assert starts[1:] == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(summary["deployments"][0]["latency_ms"]["mean"])
    assert bar_ends(axes)  # one bar a row


def test_a_waterfall_says_when_nothing_came() -> None:
    figure = stages.draw_waterfall(data(NOTHING, requests=20)[0])
    assert any("no answer" in text.get_text() for text in texts(figure))


def test_several_runs_share_a_panel_for_each_deployment_they_have_in_common() -> None:
    runs = [
        named("lte"),
        named("wifi", USUAL | {"local": replace(LOCAL, head=2.0)}),
        named("a-run-with-a-long-name", {name: USUAL[name] for name in ("local", "split-fp16")}),
    ]
    figure = cdf.draw_runs(runs)
    assert_readable(figure)
    words = [text.get_text() for text in texts(figure)]
    assert [axes.get_ylabel().split("\n")[0] for axes in figure.axes] == ["local", "split-fp16"]
    assert {run.name for run in runs} <= set(words)
    assert "tun link, wall clock; 3 runs, 480 requests" in words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"backend": "simpy"}, "needed: one backend and clock"),
        ({"clock": "virtual"}, "found tun link .virtual clock. and tun link .wall clock."),
        ({"deadline_ms": 100.0}, "found deadlines of 100 ms and 200 ms"),
        ({"deployments": [{"name": "other"}]}, "found no deployment that all runs have"),
    ],
)
def test_runs_that_do_not_belong_together_are_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(CannotDraw, match=words):
        draw_runs([named("one"), named("other", **changes)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_only_the_kinds_asked_for_are_drawn(tmp_path: Path) -> None:
    summary, requests = data(USUAL, requests=20)
    drawn = draw_all(summary, requests, tmp_path, ["waterfall"])
    assert [path.name for path in drawn] == ["waterfall.png", "waterfall.svg"]
    assert sorted(tmp_path.iterdir()) == drawn
