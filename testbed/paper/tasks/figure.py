"""Four small panels against the number of tasks: accuracy, edge memory, bytes, latency."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.links import IdealLink
from testbed.paper.looks import MULTI, SINGLE, small_print
from testbed.paper.tasks.cost import Cost
from testbed.paper.training.statistics import Comparison

HEIGHT_IN = 3.3
_LOOKS: Mapping[str, dict[str, Any]] = {
    "MTL": {"color": MULTI, "marker": "o", "linestyle": "-", "markersize": 3, "linewidth": 1.0},
    "STL x N": {"color": SINGLE, "marker": "s", "linestyle": "--", "markersize": 3, "linewidth": 1},
}


@style.applied()
def draw(
    steps: Mapping[int, Comparison],
    costs: Sequence[Cost],
    link: IdealLink,
    runs: Sequence[Mapping[str, Any]],
    quick: bool,
) -> Figure:
    """`link`: of the latency panel; `runs` over it (`cost.run_split`) are crosses in that panel."""
    drawn = style.figure(HEIGHT_IN)
    (accuracy, memory), (sent, latency) = drawn.subplots(2, 2, sharex=True)
    _accuracy(accuracy, steps)
    _cost(memory, costs, lambda cost: cost.edge_bytes / 1e6, "weights on the edge (MB)")
    _cost(sent, costs, lambda cost: cost.sent_bytes / 1e3, "sent per image (kB)")
    _cost(latency, costs, lambda cost: cost.latency_s(link) * 1e3, f"latency, {link.name} (ms)")
    for run in (run for run in runs if run["link"] == link.name):
        latency.plot(run["tasks"], run["run p50 ms"], "x", color=style.INK, markersize=5)
    for axes in (sent, latency):
        axes.set_xlabel("tasks")
        axes.set_xticks([cost.tasks for cost in costs if cost.way == "MTL"])
    names = ["one shared backbone (MTL)", "N single-task networks"]
    drawn.legend(memory.get_lines(), names, ncols=2, **style.LEGEND)
    crosses = ", crosses: testbed run" if runs else ""
    small_print(drawn, f"bars: 95 % intervals over seeds; latency reckoned{crosses}", quick)
    return drawn


def _accuracy(axes: Axes, steps: Mapping[int, Comparison]) -> None:
    single = [accuracy.single for accuracy in steps.values()]
    multi = [accuracy.multi for accuracy in steps.values()]
    for way, of, aside in (("STL x N", single, -0.08), ("MTL", multi, 0.08)):
        known = all(one.half is not None for one in of)
        axes.errorbar(
            [tasks + aside for tasks in steps],
            [one.mean for one in of],
            yerr=[one.half or 0.0 for one in of] if known else None,
            elinewidth=0.8,
            capsize=1.5,
            **_LOOKS[way],
        )
    _finish(axes, "mean accuracy (%)")


def _cost(axes: Axes, costs: Sequence[Cost], value: Callable[[Cost], float], title: str) -> None:
    for way in _LOOKS:
        of = [cost for cost in costs if cost.way == way]
        axes.plot([cost.tasks for cost in of], [value(cost) for cost in of], **_LOOKS[way])
    axes.set_ylim(bottom=0)
    _finish(axes, title)


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", pad=3)
    axes.grid(axis="y")
