"""How many answers each codec changes, by task."""

import pandas as pd
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.looks import in_words, rows, small_print

ROW_IN, AROUND_IN = 0.15, 0.9
_LOOKS = (("#0072b2", "o"), ("#d55e00", "s"))


@style.applied()
def draw(frame: pd.DataFrame, quick: bool) -> Figure:
    """A row a deployment; frame: of `study.table`. None changed stands at the left end."""
    names = list(dict.fromkeys(frame["deployment"]))
    drawn = style.figure(AROUND_IN + ROW_IN * len(names))
    axes = drawn.add_subplot()
    for (task, of), (colour, marker) in zip(
        frame.groupby("task", sort=False), _LOOKS, strict=False
    ):
        places = [names.index(name) for name in of["deployment"]]
        share = 100 * of["changed"] / of["images"]
        axes.plot(
            share,
            places,
            marker,
            color=colour,
            markersize=3.5,
            alpha=0.8,
            label=in_words(str(task)),
        )
    axes.set_xscale("symlog", linthresh=0.01)
    axes.set_xlim(-0.001, 100)
    rows(axes, names, "answers changed (%)", margin=0.5)
    drawn.legend(ncols=2, **style.LEGEND)
    small_print(drawn, f"{int(frame['images'].iloc[0]):,} test images", quick)
    return drawn
