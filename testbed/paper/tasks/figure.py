"""Four small panels against the number of tasks: accuracy, edge memory, bytes, latency."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.tasks.compare import Step
from testbed.paper.tasks.cost import Cost
from testbed.paper.tasks.links import NamedLink
from testbed.paper.tasks.runs import RunFound
from testbed.paper.training.looks import MULTI, SINGLE, small_print
from testbed.paper.training.statistics import Interval

HEIGHT_IN = 3.3
_LOOKS = {"MTL": (MULTI, "o", "-"), "STL x N": (SINGLE, "s", "--")}
_NAMES = {"MTL": "one shared backbone (MTL)", "STL x N": "N single-task networks"}


def draw(
    steps: Sequence[Step],
    costs: Sequence[Cost],
    link: NamedLink,
    runs: Sequence[RunFound],
    quick: bool,
) -> Figure:
    """`link`: of the latency panel; runs over it are crosses in the same panel."""
    with style.applied():
        drawn = style.figure(HEIGHT_IN)
        (accuracy, memory), (sent, latency) = drawn.subplots(2, 2, sharex=True)
        _accuracy(accuracy, steps)
        _cost(memory, costs, lambda cost: cost.edge_bytes / 1e6, "weights on the edge (MB)")
        _cost(sent, costs, lambda cost: cost.sent_bytes / 1e3, "sent per image (kB)")
        _cost(latency, costs, lambda cost: cost.latency_s(link) * 1e3, f"latency, {link.name} (ms)")
        for run in (run for run in runs if run.link == link.name):
            latency.plot(run.tasks, run.latency_s * 1e3, "x", color=style.INK, markersize=5)
        for axes in (sent, latency):
            axes.set_xlabel("tasks")
            axes.set_xticks([cost.tasks for cost in costs if cost.way == "MTL"])
        handles, _ = memory.get_legend_handles_labels()
        drawn.legend(handles, list(_NAMES.values()), ncols=2, **style.LEGEND)
        crosses = ", crosses: testbed run" if runs else ""
        small_print(drawn, f"bars: 95 % intervals over seeds; latency reckoned{crosses}", quick)
    return drawn


def _accuracy(axes: Axes, steps: Sequence[Step]) -> None:
    for way, of in (("STL x N", [s.single for s in steps]), ("MTL", [s.multi for s in steps])):
        _with_bars(axes, way, [step.tasks for step in steps], of)
    axes.set_title("mean accuracy (%)", loc="left", pad=3)
    _frame(axes)


def _with_bars(axes: Axes, way: str, tasks: Sequence[int], found: Sequence[Interval]) -> None:
    colour, marker, line = _LOOKS[way]
    known = all(one.half is not None for one in found)
    axes.errorbar(
        [task + (0.08 if way == "MTL" else -0.08) for task in tasks],
        [one.mean for one in found],
        yerr=[one.half or 0.0 for one in found] if known else None,
        color=colour,
        marker=marker,
        linestyle=line,
        markersize=3,
        linewidth=1.0,
        elinewidth=0.8,
        capsize=1.5,
    )


def _cost(axes: Axes, costs: Sequence[Cost], value: Callable[[Cost], float], title: str) -> None:
    for way, (colour, marker, line) in _LOOKS.items():
        of = [cost for cost in costs if cost.way == way]
        axes.plot(
            [cost.tasks for cost in of],
            [value(cost) for cost in of],
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=3,
            linewidth=1.0,
            label=way,
        )
    axes.set_ylim(bottom=0)
    axes.set_title(title, loc="left", pad=3)
    _frame(axes)


def _frame(axes: Axes) -> None:
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines[["right", "top"]].set_visible(False)
