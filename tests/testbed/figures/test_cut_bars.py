"""The figure of all cuts: what is marked, what is cut off, what is left out."""

from math import inf
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from testbed.figures import cut_bars, style

BAR = cut_bars.CutBar("a", False, False, {"uncoded": 1000.0, "fp16": 500.0}, 0.01, 0.01, 0.05)


def places(axes: Axes) -> list[list[float]]:
    """Which cuts each line has points at."""
    return [np.asarray(line.get_xdata()).tolist() for line in axes.lines]


def test_bars_that_dwarf_all_others_are_cut_off_and_named(tmp_path: Path) -> None:
    rows = [BAR._replace(name="huge", mean_s=3.0), BAR, BAR._replace(published=True), BAR]
    with style.applied():
        drawn = cut_bars.draw(rows, ("uncoded", "fp16"), "made up")
        files = style.write(drawn, tmp_path / "cuts")
    above = drawn.axes[0]
    assert above.get_ylim()[1] < 200
    assert [note.get_text() for note in above.texts] == ["3 s"]
    assert all(file.stat().st_size > 1000 for file in files)


def test_the_fastest_and_what_is_lost_are_marked() -> None:
    rows = [
        BAR._replace(mean_s=inf),
        BAR,
        BAR._replace(name="local", fastest=True, sent_bytes={}, mean_s=0.02),
    ]
    with style.applied():
        above, below = cut_bars.draw(rows, ("uncoded", "fp16"), "made up").axes
    marks = [(note.get_text(), note.xy[0]) for note in above.texts if isinstance(note, Annotation)]
    assert marks == [("lost", 0), ("*", 2)]
    assert places(below) == [[0, 1], [0, 1]]


def test_a_codec_has_points_where_it_codes() -> None:
    image = BAR._replace(sent_bytes={"uncoded": 9000.0, "jpeg-q90": 300.0})
    with style.applied():
        _, below = cut_bars.draw(
            [image, image, BAR], ("uncoded", "jpeg-q90", "fp16"), "made up"
        ).axes
    assert places(below) == [[0, 1, 2], [0, 1], [2]]


def test_of_many_cuts_some_are_named_and_the_published_among_them() -> None:
    rows = [BAR._replace(name=f"b{place}", published=place == 43) for place in range(47)]
    with style.applied():
        _, below = cut_bars.draw(rows, ("uncoded", "fp16"), "made up").axes
    names = [label.get_text() for label in below.get_xticklabels()]
    assert names[:2] == ["b1", "b3"] and "b43" in names and len(names) == 23
    bold = [
        label.get_text() for label in below.get_xticklabels() if label.get_fontweight() == "bold"
    ]
    assert bold == ["b43"]
