"""Figures say what the summary says, are readable at column width, and never differ by chance."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib._pylab_helpers import Gcf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from testbed.figures import cdf, stages, style
from testbed.figures.kinds import draw_all
from testbed.results.summary import summarise
from testbed.results.table import table_of
from tests.testbed import synthetic
from tests.testbed.synthetic import EIGHT, LOCAL, REMOTE, RESIZED, SPLIT, USUAL, Timing

NOTHING = {"remote-jpeg-q90-resized": replace(RESIZED, lost=1.0)}
RUNS: dict[str, dict[str, Timing]] = {
    "usual": USUAL,
    "one": {"local": LOCAL},
    "eight": EIGHT,
    "one-all-lost": USUAL | NOTHING,
    "nothing-came": NOTHING,
    "twenty-times-slower": USUAL | {"local": replace(LOCAL, head=3900.0)},
    "twenty-times-faster": USUAL | {"local": replace(LOCAL, head=2.0)},
    "no-common-clock": {
        "remote-jpeg-q90": replace(REMOTE, shared_clock=False),
        "split-fp16": replace(SPLIT, shared_clock=False, lost=0.3),
    },
}

Data = tuple[dict[str, Any], pd.DataFrame]


def data(timings: dict[str, Timing], requests: int = 60, **changes: Any) -> Data:
    table = table_of(synthetic.records(timings, requests))
    scenario = synthetic.scenario(synthetic.entries(timings), requests, **changes)
    return summarise(scenario, table, synthetic.link_facts(), synthetic.TRAINED), table


@pytest.fixture(scope="module", params=list(RUNS.values()), ids=list(RUNS))
def run(request: pytest.FixtureRequest) -> Data:
    return data(request.param)


@pytest.fixture(autouse=True)
def styled() -> Iterator[None]:
    with style.applied(), warnings.catch_warnings():
        warnings.simplefilter("error")  # such as a layout that does not fit
        yield


def texts(figure: Figure) -> list[Text]:
    """Every text that is drawn; matplotlib keeps labels of ticks beyond the axes too."""
    figure.draw_without_rendering()
    beyond = {
        label
        for axes in figure.axes
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))
        for tick in axis.get_major_ticks() + axis.get_minor_ticks()
        for label in (tick.label1, tick.label2)
        if not low <= tick.get_loc() <= high
    }
    found = figure.findobj(Text)
    return [t for t in found if t not in beyond and t.get_text() and t.get_visible()]


def assert_readable(figure: Figure) -> None:
    shown = texts(figure)
    boxes = [(t.get_text(), t.get_window_extent()) for t in shown]
    width, height = figure.canvas.get_width_height()
    assert figure.get_figwidth() == 3.5
    assert min(float(t.get_fontsize()) for t in shown) >= 7
    for text, box in boxes:
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text
    for (one, a), (other, b) in combinations(boxes, 2):
        overlap_x = min(a.x1, b.x1) - max(a.x0, b.x0)
        overlap_y = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert overlap_x <= 0 or overlap_y <= 1, f"{one!r} meets {other!r}"


def bar_ends(axes: Axes) -> list[float]:
    """Where the stack of each row ends, first deployment first."""
    ends: dict[int, float] = {}
    for bar in axes.patches:
        row = round(bar.get_y() + bar.get_height() / 2)  # type: ignore[attr-defined]
        ends[row] = max(ends.get(row, 0.0), bar.get_x() + bar.get_width())  # type: ignore[attr-defined]
    return [ends.get(row, 0.0) for row in range(len(ends))]


def test_stages_are_readable(run: Data) -> None:
    figure = stages.draw(run[0])
    assert_readable(figure)
    for bar, text in product(figure.axes[0].patches, texts(figure)):
        one, other = bar.get_window_extent(), text.get_window_extent()
        apart_x = one.x1 <= other.x0 or other.x1 <= one.x0
        apart_y = one.y1 <= other.y0 + 1 or other.y1 <= one.y0 + 1
        assert apart_x or apart_y, f"a bar meets {text.get_text()!r}"


def test_curves_are_readable(run: Data) -> None:
    assert_readable(cdf.draw(*run))


@pytest.mark.parametrize("count", range(1, 9))
def test_any_number_of_deployments_fits(count: int) -> None:
    run = data(dict(list(EIGHT.items())[-count:]), requests=4)
    assert_readable(stages.draw(run[0]))
    assert_readable(cdf.draw(*run))


def test_bars_end_at_the_mean_and_say_it() -> None:
    summary, _ = data(USUAL | {"split-fp16": replace(SPLIT, lost=0.2)})
    figure = stages.draw(summary)
    means = [d["latency_ms"]["mean"] for d in summary["deployments"]]
    assert bar_ends(figure.axes[0]) == pytest.approx(means, rel=1e-6)
    words = {t.get_text() for t in texts(figure)}
    assert {stages.total_text(d) for d in summary["deployments"]} <= words
    assert any(f", {summary['deployments'][2]['lost']} lost" in word for word in words)
    assert {d["name"] for d in summary["deployments"]} <= words


def test_what_was_never_answered_has_no_bar_but_a_word() -> None:
    figure = stages.draw(data(NOTHING)[0])
    assert len(figure.axes[0].patches) == 0
    assert "no answer (180 lost)" in {t.get_text() for t in texts(figure)}
    alone, accompanied = (stages.draw(data(timings)[0]) for timings in (USUAL, USUAL | NOTHING))
    assert len(accompanied.axes[0].patches) == len(alone.axes[0].patches)


def test_the_legend_names_the_stages_that_took_time_in_their_order() -> None:
    figure = stages.draw(data(USUAL)[0])
    (legend,) = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    expected = ["wait", "head", "encode", "uplink", "decode", "tail", "downlink", "other"]
    assert sorted(shown) == sorted(expected)
    figure.draw_without_rendering()
    by_row = sorted(
        legend.get_texts(),
        key=lambda t: (-round(t.get_window_extent().y0), t.get_window_extent().x0),
    )
    rows = [t.get_text() for t in by_row]
    assert rows == expected


def test_a_curve_ends_at_the_share_that_was_answered() -> None:
    timings = USUAL | {"split-fp16": replace(SPLIT, lost=0.25)} | NOTHING
    summary, table = data(timings)
    drawn = {
        line.get_color(): np.asarray(line.get_ydata(), float)
        for line in cdf.draw(summary, table).axes[0].get_lines()
    }
    for number, deployment in enumerate(summary["deployments"]):
        shares = drawn[style.LINES[number][0]]
        assert shares[0] == 0
        assert shares[-1] == pytest.approx(1 - deployment["lost"] / deployment["requests"])


def test_a_curve_steps_at_each_latency_over_all_requests() -> None:
    times, shares = cdf.curve(np.array([10.0, 20.0, 40.0, np.nan]), end_ms=100.0)
    assert times.tolist() == [0, 10, 20, 40, 100]
    assert shares.tolist() == [0, 0.25, 0.5, 0.75, 0.75]
    assert cdf.curve(np.array([np.nan]), end_ms=5.0)[1].tolist() == [0, 0]


def test_curves_differ_also_in_grey() -> None:
    looks = {(dashes, round(luminance(colour), 1)) for colour, dashes in style.LINES}
    assert len(looks) == len(style.LINES) == 8


def luminance(colour: str) -> float:
    red, green, blue = mpl.colors.to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_the_axis_is_logarithmic_only_when_needed() -> None:
    assert cdf.draw(*data({"local": LOCAL})).axes[0].get_xscale() == "linear"
    assert cdf.draw(*data(RUNS["twenty-times-slower"])).axes[0].get_xscale() == "log"


def test_the_deadline_is_a_line_or_if_far_away_a_word() -> None:
    near, table = data(USUAL)
    far, _ = data(USUAL, workload={"deadline": "5s", "requests": 60})
    for draw in (stages.draw, lambda summary: cdf.draw(summary, table)):
        lines = draw(near).axes[0].get_lines()
        assert [200, 200] in [list(line.get_xdata()) for line in lines]  # type: ignore[arg-type]
        assert draw(far).axes[0].get_xlim()[1] < 500
        assert "deadline 5 s →" in {t.get_text() for t in texts(draw(far))}


def test_the_caption_names_scenario_link_backend_and_clock() -> None:
    summary, _ = data(USUAL)
    first, second = style.caption_lines(summary)
    assert first == "lte: 12 Mbit/s up, 40 Mbit/s down, RTT 50 ms, loss 0.1 %"
    assert second == "tun link, within tolerance; wall clock; 540 requests"
    summary["link"]["within_tolerance"] = False
    summary["link"]["configured"] |= {"uplink_rate_bps": None, "downlink_loss": 0.02}
    first, second = style.caption_lines(summary)
    assert first.startswith("lte: unlimited up") and first.endswith("loss 0.1 % up, 2 % down")
    assert "OUT OF TOLERANCE" in second


def test_files_are_the_same_every_time_and_fit_a_column(tmp_path: Path) -> None:
    run = data(USUAL)
    first, again = draw_all(*run, tmp_path / "a"), draw_all(*run, tmp_path / "b")
    assert [p.name for p in first] == ["stages.png", "stages.svg", "cdf.png", "cdf.svg"]
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
    with Image.open(first[0]) as image:
        assert image.width == 3.5 * style.PNG_DPI >= 3.5 * 200


def test_drawing_leaves_matplotlib_as_it_was(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    draw_all(*data({"local": LOCAL}, requests=3), tmp_path)
    assert dict(mpl.rcParams) == before
    assert Gcf.get_all_fig_managers() == []
