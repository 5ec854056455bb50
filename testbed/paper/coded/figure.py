"""Latency by link of features and images at equal accuracy."""

import pandas as pd
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.coded.equal import AT_PUBLISHED, FEATURES, FP32, IMAGE, NOTHING
from testbed.paper.looks import rows, small_print

ROW_IN, AROUND_IN = 0.19, 1.05
_LOOKS = {
    NOTHING: ("#7f7f7f", "|"),
    IMAGE: ("#d55e00", "s"),
    FEATURES: ("#0072b2", "o"),
    AT_PUBLISHED: ("#56b4e9", "^"),
    FP32: ("#cc79a7", "D"),
}


@style.applied()
def draw(times: pd.DataFrame, quick: bool) -> Figure:
    """A row a link; times: of `equal.over_links`."""
    links = list(dict.fromkeys(times["link"]))
    drawn = style.figure(AROUND_IN + ROW_IN * len(links))
    axes = drawn.add_subplot()
    for what, (colour, marker) in _LOOKS.items():
        of = times[times["what"] == what]
        places = [links.index(link) for link in of["link"]]
        axes.plot(of["mean_ms"], places, marker, color=colour, markersize=4, label=what)
    axes.set_xscale("log")
    rows(axes, links, "mean latency (ms)", margin=0.5)
    style.log_ticks(axes.xaxis)
    drawn.legend(ncols=1, **style.LEGEND)
    small_print(drawn, "at most one point of accuracy lost; virtual time", quick)
    return drawn
