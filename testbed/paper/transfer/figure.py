"""Heat map of what each task (row) gains or loses by each partner (column)."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from testbed.figures import style
from testbed.paper.looks import in_words, small_print

HEIGHT_IN = 3.3
PALETTE = "PuOr"  # purple and orange differ for every kind of colour vision; white is no change
_DARK = 0.6  # share of the colour range from which text is set in white


@style.applied()
def draw(found: pd.DataFrame, tasks: Sequence[str], partners: Sequence[str], quick: bool) -> Figure:
    """Purple gains, orange loses; framed: more than chance. Rows in order of `tasks`."""
    values = found.pivot(index="task", columns="partner", values="gain")
    values = values.reindex(index=list(tasks), columns=list(partners))
    reach = max(float(found["gain"].abs().max()), 0.1)
    drawn = style.figure(HEIGHT_IN)
    axes = drawn.add_subplot()
    colours = TwoSlopeNorm(0, -reach, reach)
    image = axes.imshow(values, cmap=PALETTE, norm=colours, aspect="auto")
    for cell in found.to_dict("records"):
        at = (partners.index(cell["partner"]), tasks.index(cell["task"]))
        ink = "white" if abs(cell["gain"]) > _DARK * reach else style.INK
        axes.text(*at, gain_text(cell["gain"]), ha="center", va="center", color=ink)
        if cell["standing"] in ("gains", "loses"):
            corner = (at[0] - 0.45, at[1] - 0.43)
            framed = Rectangle(corner, 0.9, 0.86, fill=False, edgecolor=ink, linewidth=0.9)
            axes.add_patch(framed)
    _frame(axes, dict(zip(found["task"], found["single"], strict=True)), tasks, partners)
    bar = drawn.colorbar(image, ax=axes, location="top", fraction=0.05, pad=0.02, aspect=40)
    bar.set_label("gain (+) or loss (-) against training alone, points")
    bar.outline.set_visible(False)
    small_print(drawn, "framed: more than chance and the margin (false discovery rate 5 %)", quick)
    return drawn


def gain_text(gain: float) -> str:
    """One decimal where there is room for it."""
    return f"{gain:+.1f}" if abs(gain) < 9.95 else f"{gain:+.0f}"


def _frame(
    axes: Axes, single: Mapping[str, float], tasks: Sequence[str], partners: Sequence[str]
) -> None:
    names = [f"{in_words(t)} ({single[t]:.0f} %)" if t in single else in_words(t) for t in tasks]
    axes.set_yticks(range(len(tasks)), names)
    below = [in_words(partner) for partner in partners]
    axes.set_xticks(range(len(below)), below, rotation=45, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.set_facecolor("#e6e6e6")  # a task is no partner of its own
    axes.axvline(len(tasks) - 0.5, color="white", linewidth=2.5)  # beyond it, made to conflict
    axes.spines[:].set_visible(False)
    axes.set_xlabel("trained together with")
