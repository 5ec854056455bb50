"""Figures of sweeps say what the table says, are readable, and refuse what they cannot show."""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from testbed.errors import BadInput
from testbed.figures import best_map, latency_curves, prediction, style
from testbed.figures.axis import CannotDraw, Sweep
from testbed.figures.kinds import draw_sweep
from testbed.figures.latency_curves import crossings_of
from testbed.figures.sweep_points import MAX_PANELS
from testbed.sweep.folder import load_sweep
from tests.testbed.figures import sweeps
from tests.testbed.figures.sweeps import RATES, Law
from tests.testbed.figures.test_figures import assert_readable, texts

bandwidth = partial(latency_curves.draw, quantity="rate")
loss = partial(latency_curves.draw, quantity="loss")
UP, DOWN = "link.uplink.rate", "link.downlink.rate"
LOSSES = (0.0, 0.001, 0.01, 0.03)
DELAYS = (0.001, 0.005, 0.02, 0.1)
BOTH = (("simpy", "virtual"), ("tun", "wall"))
RATE = {UP: RATES, DOWN: [3 * bps for bps in RATES]}
LOSS = {"link.uplink.loss": LOSSES}
RTT = {"link.uplink.delay": DELAYS, "link.downlink.delay": DELAYS}
CONTROL = {"link.congestion_control": ("cubic", "bbr")}
EXACT = {"local": Law(100.0), "split": Law(20.0, 10_000)}
"""On a round trip of 50 ms they meet where 10 kB take 30 ms: at 2.67 Mbit/s."""

FIGURES: dict[str, tuple[Callable[[Sweep], Figure], Sweep]] = {
    "bandwidth": (bandwidth, sweeps.sweep(RATE)),
    "bandwidth-lossy": (
        bandwidth,
        sweeps.sweep(RATE, lossy_below_bps=3e6, failed=(9,)),
    ),
    "bandwidth-panels": (bandwidth, sweeps.sweep(RATE, RTT)),
    "bandwidth-one": (bandwidth, sweeps.sweep(RATE, laws={"local": Law(1.0)})),
    "loss": (loss, sweeps.sweep(LOSS)),
    "map": (best_map.draw, sweeps.sweep(RATE, RTT, lossy_below_bps=2e6, failed=(7,))),
    "map-of-words": (best_map.draw, sweeps.sweep(RATE, CONTROL)),
    "prediction": (prediction.draw_sweep, sweeps.sweep(RATE, sources=BOTH)),
    "validation": (prediction.draw_validation, sweeps.sweep(RATE, CONTROL, sources=BOTH)),
    "validation-loss": (prediction.draw_validation, sweeps.sweep(LOSS, sources=BOTH)),
}


@pytest.fixture(autouse=True)
def styled() -> Iterator[None]:
    with style.applied(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def said(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_readable_and_name_backend_and_clock(name: str) -> None:
    draw, sweep = FIGURES[name]
    figure = draw(sweep)
    assert_readable(figure)
    both = "simpy link (virtual clock) and tun link (wall clock)"
    usual = "simpy link, virtual clock"
    assert (both if set(sweep.table["clock"]) == {"virtual", "wall"} else usual) in said(figure)


def test_the_crossover_is_where_the_law_says_and_is_marked() -> None:
    sweep = sweeps.sweep({UP: [0.2e6, 0.8e6, 3.2e6, 12.8e6]}, laws=EXACT, scatter=0.0)
    (row,) = crossings_of(sweep).to_dict("records")
    assert (row["faster_below"], row["faster_above"], row["fastest"]) == ("local", "split", True)
    exact = 10_000 * 8 / (0.100 - 0.020 - 0.050)
    assert row["rate_bps"] == pytest.approx(exact, rel=0.08)  # four points in two decades
    assert row["point_below_bps"] < row["rate_bps"] < row["point_above_bps"]
    figure = bandwidth(sweep)
    assert f"{row['rate_bps'] / 1e6:.3g} Mbit/s" in said(figure)
    upright = [line.get_xdata() for line in figure.axes[0].get_lines()]
    assert [pytest.approx(row["rate_bps"] / 1e6)] * 2 in [list(x) for x in upright]  # type: ignore[arg-type]


def test_the_interval_of_the_crossover_is_that_of_the_means() -> None:
    narrow, wide = (
        crossings_of(sweeps.sweep(RATE, laws=EXACT, scatter=scatter)).iloc[0]
        for scatter in (0.005, 0.03)
    )
    for row in (narrow, wide):
        assert row["rate_low_bps"] < row["rate_bps"] < row["rate_high_bps"]
    assert (wide["rate_high_bps"] - wide["rate_low_bps"]) > 3 * (
        narrow["rate_high_bps"] - narrow["rate_low_bps"]
    )


def test_a_mean_of_what_many_losses_left_makes_no_crossover() -> None:
    whole = sweeps.sweep({UP: [1e6, 4e6]}, laws=EXACT)
    lossy = sweeps.sweep({UP: [1e6, 4e6]}, laws=EXACT, lossy_below_bps=2e6)
    assert len(crossings_of(whole)) == 1
    assert crossings_of(lossy).empty
    assert "over 5 % lost" in said(bandwidth(lossy))


def test_a_sweep_in_which_nothing_was_answered_has_no_figure() -> None:
    sweep = sweeps.sweep(RATE)
    sweep.table[["mean_ms", "mean_low_ms", "mean_high_ms"]] = float("nan")
    sweep.table["lost"] = sweep.table["requests"]
    for draw in (bandwidth, prediction.draw_sweep, prediction.draw_validation):
        with pytest.raises(CannotDraw, match="found no request that was answered"):
            draw(sweep)


def test_each_value_of_a_further_axis_has_its_own_crossovers() -> None:
    table = crossings_of(sweeps.sweep(RATE, CONTROL))
    assert table.columns[0] == "link.congestion_control"
    assert set(table["link.congestion_control"]) == {"cubic", "bbr"}


def test_the_map_shows_the_smallest_mean_and_what_is_too_close() -> None:
    laws = {"a": Law(100.0), "b": Law(101.0), "c": Law(20.0, 100_000)}
    sweep = sweeps.sweep({UP: [1e6, 100e6]}, CONTROL, laws=laws, scatter=0.02)
    table = best_map.best_of(sweep)
    slow, fast = (table[table["uplink_rate_bps"] == bps] for bps in (1e6, 100e6))
    assert set(slow["deployment"]) <= {"a", "b"} and not slow["told_apart"].any()
    assert set(fast["deployment"]) == {"c"} and fast["told_apart"].all()
    assert (table["mean_ms"] < table["second_ms"]).all()


def test_what_lost_many_is_no_candidate_for_the_map() -> None:
    laws = {"slow": Law(500.0), "fast": Law(20.0, 1000)}
    table = best_map.best_of(sweeps.sweep(RATE, CONTROL, laws=laws, lossy_below_bps=5e6))
    below = table["uplink_rate_bps"] < 5e6
    assert set(table.loc[below, "deployment"]) == {"slow"}
    assert set(table.loc[~below, "deployment"]) == {"fast"}


def test_a_map_says_where_nobody_is_and_what_failed() -> None:
    laws = {"fast": Law(20.0, 1000), "other": Law(90.0, 1000)}
    sweep = sweeps.sweep(RATE, CONTROL, laws=laws, lossy_below_bps=5e6, failed=(3,))
    table = best_map.best_of(sweep)
    assert table["deployment"].isna().sum() == 2 * sum(bps < 5e6 for bps in RATES) - 1
    figure = best_map.draw(sweep)
    assert_readable(figure)
    assert "all lost over 5 %" in said(figure) and "Blank: failed." in said(figure)
    assert "Too close to call" not in said(figure)


def test_cells_pair_both_clocks_point_by_point() -> None:
    sweep = sweeps.sweep(RATE, CONTROL, sources=BOTH)
    cells = prediction.cells_of(sweep)
    assert len(cells) == len(RATES) * 2 * len(sweeps.USUAL)
    one = cells.iloc[17]
    rows = sweep.table[
        (sweep.table["uplink_rate_bps"] == one["uplink_rate_bps"])
        & (sweep.table["link.congestion_control"] == one["link.congestion_control"])
        & (sweep.table["deployment"] == one["deployment"])
    ].set_index("clock")["p50_ms"]
    assert (one["measured_ms"], one["predicted_ms"]) == (rows["wall"], rows["virtual"])


def test_the_error_is_said_over_cells_not_used_for_tuning() -> None:
    measured = np.full(40, 100.0)
    held_out = np.arange(40) >= 20
    predicted = np.where(held_out, 104.0, 150.0)
    cells = pd.DataFrame(
        {
            "deployment": "local",
            "measured_ms": measured,
            "predicted_ms": predicted,
            "held_out": held_out,
        }
    )
    words = prediction.error_in_words(cells)
    assert "20 cells not used for tuning: median 4 %, 95th percentile 4 %" in words
    figure = prediction.draw(cells, ["tun link (wall clock) and simpy link (virtual clock)"])
    assert_readable(figure)
    assert "hollow: used for tuning" in said(figure)


@pytest.mark.parametrize(
    ("kind", "sweep", "words"),
    [
        ("latency-vs-bandwidth", sweeps.sweep(LOSS), "axis link.uplink.loss, needed: one that"),
        ("latency-vs-loss", sweeps.sweep(RATE), "axis link.uplink.rate, needed: one that"),
        ("best-deployment", sweeps.sweep(RATE), "needed: two axes"),
        ("best-deployment", sweeps.sweep(RATE, RTT, CONTROL), "needed: two axes"),
        ("predicted-vs-measured", sweeps.sweep(RATE), "needed: one backend on each clock"),
        ("validation", sweeps.sweep(RATE), "needed: one backend on each clock"),
        ("validation", sweeps.sweep(CONTROL, sources=BOTH), "no axis of several numbers"),
        ("latency-vs-bandwidth", sweeps.sweep(RATE, failed=range(15)), "no point that was done"),
        *(
            (kind, sweeps.sweep(RATE, axis, sources=sources), "needed: one backend and clock")
            for kind, axis in (
                ("latency-vs-bandwidth", LOSS),
                ("latency-vs-loss", LOSS),
                ("best-deployment", LOSS),
            )
            for sources in (
                BOTH,
                (("simpy", "virtual"), ("simpy", "wall")),
                (("tun", "wall"), ("netem", "wall")),
            )
        ),
    ],
)
def test_what_does_not_suit_is_refused_in_one_line(
    tmp_path: Path, kind: str, sweep: Sweep, words: str
) -> None:
    folder = sweeps.write(tmp_path / "made", sweep)
    with pytest.raises(BadInput) as refused:
        draw_sweep(load_sweep(folder), [kind])
    assert str(refused.value).startswith(f"{folder}: {kind}: found ")
    assert words in str(refused.value) and "\n" not in str(refused.value)
    assert not (folder / "figures").exists()


def test_more_panels_than_fit_are_refused() -> None:
    rtts = {"link.uplink.delay": tuple(0.001 * i for i in range(1, MAX_PANELS + 2))}
    with pytest.raises(CannotDraw, match=f"found {MAX_PANELS + 1} values of RTT"):
        bandwidth(sweeps.sweep(RATE, rtts))


def test_kinds_that_suit_are_drawn_whole_and_the_same_every_time(tmp_path: Path) -> None:
    folder = sweeps.write(tmp_path / "made", sweeps.sweep(RATE, CONTROL))
    first = draw_sweep(load_sweep(folder))
    assert [path.name for path in first] == [
        "latency-vs-bandwidth.png",
        "latency-vs-bandwidth.svg",
        "best-deployment.png",
        "best-deployment.svg",
        "crossovers.csv",
        "best-deployment.csv",
    ]
    assert sorted(first) == sorted((folder / "figures").iterdir())  # and no drafts
    again = draw_sweep(load_sweep(folder), out_dir=tmp_path / "again")
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_an_interrupted_drawing_leaves_the_old_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = sweeps.write(tmp_path / "made", sweeps.sweep(LOSS))
    png, svg = draw_sweep(load_sweep(folder))
    before = png.read_bytes(), svg.read_bytes()

    def stop(self: Figure, file: Path, **_: object) -> None:
        file.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", stop)
    with pytest.raises(KeyboardInterrupt):
        draw_sweep(load_sweep(folder))
    assert (png.read_bytes(), svg.read_bytes()) == before
    assert sorted((folder / "figures").iterdir()) == [png, svg]


def test_the_csv_holds_the_crossovers(tmp_path: Path) -> None:
    sweep = sweeps.sweep(RATE)
    folder = sweeps.write(tmp_path / "made", sweep)
    draw_sweep(load_sweep(folder), ["latency-vs-bandwidth"])
    stored = pd.read_csv(folder / "figures" / "crossovers.csv")
    pd.testing.assert_frame_equal(stored, crossings_of(sweep), rtol=1e-5, check_dtype=False)
