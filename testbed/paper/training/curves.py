"""Learning curves as figures: a panel for each setting and task, a line for each network."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.looks import MULTI, SINGLE, in_words, small_print
from testbed.paper.report import Drawing
from testbed.paper.training.plateau import LAST
from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import TrialResult

COLUMNS = 3
PANEL_IN = 1.1
Panels = dict[str, list[TrialResult]]


def drawings(results: Sequence[TrialResult], quick: bool) -> list[Drawing]:
    """A figure for each data set and backbone of which curves were kept."""
    by_setting: dict[Trial, list[TrialResult]] = {}
    for result in results:
        if result.curve:
            setting = replace(result.trial, tasks=(), seed=0, steps=0)
            by_setting.setdefault(setting, []).append(result)
    return [_drawing(setting, of, quick) for setting, of in by_setting.items()]


def _drawing(setting: Trial, results: Sequence[TrialResult], quick: bool) -> Drawing:
    name = f"curves-{setting.dataset}-{setting.backbone}"
    caption = (
        f"Learning curves, {setting.dataset} with {setting.backbone}: validation accuracy of each "
        "network, alone (orange) and together (blue); the grey part is the last third of the "
        "longest training."
    )
    return Drawing(name, draw(results, quick), caption)


@style.applied()
def draw(results: Sequence[TrialResult], quick: bool) -> Figure:
    """Accuracy in per cent against thousands of steps."""
    panels: Panels = {}
    for result in results:
        for task in result.trial.tasks:
            panels.setdefault(task, []).append(result)
    rows = ceil(len(panels) / COLUMNS)
    drawn = style.figure(0.4 + PANEL_IN * rows)
    grid = drawn.subplots(rows, min(COLUMNS, len(panels)), squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes, (task, of) in zip(grid.flat, panels.items(), strict=False):
        _panel(axes, task, of)
    small_print(drawn, "validation images right (%) against thousands of steps", quick)
    return drawn


def _panel(axes: Axes, task: str, results: Sequence[TrialResult]) -> None:
    end = max(result.trial.steps for result in results) / 1e3
    axes.axvspan(end * (1 - LAST), end, color="#eeeeee", linewidth=0)
    for result in results:
        steps, shares = zip(*result.curve_of(task), strict=True)
        colour = SINGLE if len(result.trial.tasks) == 1 else MULTI
        axes.plot([step / 1e3 for step in steps], shares, color=colour, linewidth=0.6)
    axes.set_title(in_words(task), loc="left", pad=3)
    axes.grid(axis="y")
