"""Single-task against multi-task accuracy, with intervals over seeds.

Data that are made here (rendered 3D Shapes, collages, MultiMNIST) and small pictures are trained
from scratch; MEDIC and FACES, once their files are given, by the published recipe. 3D Shapes has
the noise of the published code, drawn anew for each batch, over all training images of the
published split but those of which the learning curve is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from testbed.data.catalog import DEFAULT_TASKS, open_dataset
from testbed.data.multi_fashion import GARMENTS
from testbed.errors import BadInput
from testbed.paper.accuracy import figure as accuracy_figure
from testbed.paper.accuracy.compare import (
    Cell,
    cells_of,
    encouraging,
    multi_task,
    verdicts,
)
from testbed.paper.claims import MARGIN, PAPER_BACKBONES
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.training import curves
from testbed.paper.training.statistics import CEILING
from testbed.paper.training.trial import Trial, as_asked, grid
from testbed.paper.training.trials import run_trials, with_trials
from testbed.paper.verdict import Verdict

NEED_FILES = ("multi_fashion", "multi_fashion_mnist", "medic", "faces")
PUBLISHED = ("medic", "faces")
PUBLISHED_EPOCHS = 30

_SHAPES: dict[str, Any] = {"noise": "code", "train_images": 358_000, "test_images": 20_000}
_SMALL: dict[str, Any] = {
    "input_px": 36,
    "train_images": GARMENTS["train"] - Trial.validation_images,
    "test_images": 10_000,
}

SETTINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("shapes3d", "mobilenet_v3_small"): {**_SHAPES, "input_px": 64, "steps": 15_000},
    ("shapes3d", "efficientnet_b0"): {**_SHAPES, "input_px": 32},
    ("collage", "mobilenet_v3_small"): {**_SMALL, "input_px": 96},
    ("multi_fashion", "mobilenet_v3_small"): _SMALL,
    ("multi_fashion_mnist", "mobilenet_v3_small"): _SMALL,
    ("multimnist", "mobilenet_v3_small"): {**_SMALL, "train_images": 48_000},
}
"""Data set and backbone -> what differs from a trial's defaults. Those of a data set that is asked
for are trained; another backbone takes the defaults."""

NOTES = (
    "*Equal steps*: all networks take the same steps over the same images, so a multi-task network "
    "costs about as much to train as *one* single-task network. *Equal compute*: the multi-task "
    "network of N tasks takes N times the steps, so that its backbone sees as many images as those "
    "of all single-task networks together. The recipe is the published one (AdamW, decay lr/100, "
    "the rate divided by ten half-way); the rate is ten times the published one where training is "
    "a twentieth as long.",
    f"MTL *matches* when the interval of its difference stays above -{MARGIN:g} point, *beats* "
    f"when it stays above 0, *loses* when it stays below -{MARGIN:g} point. A target at "
    f"{CEILING:g} % alone is *at ceiling*, and nothing is claimed of it. Networks of one seed "
    "share the order of images and the noise; seeds vary initial weights, order and noise, not "
    "which images of a split are used.",
    "MEDIC and FACES take the published recipe (224 px, 30 epochs, batch 32, lr 1e-4; VGG16 on "
    "FACES batch 64, lr 1e-3; ImageNet weights on FACES).",
)


def plan(options: StudyOptions) -> list[Trial]:
    """Every trial: for each setting and seed each task alone and all together, at equal steps
    first; then all together at equal compute.

    Raises BadInput for files that cannot be used.
    """
    trials = []
    for setting in settings(options):
        tasks = DEFAULT_TASKS[setting.dataset]
        trials += grid(setting, options.seeds, [*((task,) for task in tasks), tasks])
    for setting in settings(options):
        together = multi_task(setting, "equal compute")
        trials += grid(together, options.seeds, [together.tasks])
    return trials


def settings(options: StudyOptions) -> list[Trial]:
    """One trial for each data set and backbone, without tasks and seed.

    Raises BadInput for a data set that was asked for and whose files were not given.
    """
    asked = options.datasets or ("shapes3d", *options.data)
    found = []
    for name in dict.fromkeys(asked):
        if name in NEED_FILES and name not in options.data:
            raise BadInput(f"--dataset {name}: found no files, allowed: --data {name}=PATH too")
        own = tuple(backbone for dataset, backbone in SETTINGS if dataset == name)
        for backbone in options.backbones or own or PAPER_BACKBONES:
            found.append(as_asked(_setting(name, backbone, options.data.get(name)), options))
    return found


def _setting(dataset: str, backbone: str, path: Path | None) -> Trial:
    setting = Trial(dataset, backbone=backbone, **SETTINGS.get((dataset, backbone), {}))
    return _published(setting, path) if dataset in PUBLISHED and path else setting


def _published(setting: Trial, path: Path) -> Trial:
    """224 px, 30 epochs of all images; ImageNet weights to start from on FACES."""
    images = {
        split: len(open_dataset(setting.dataset, split, path=path)) for split in ("train", "test")
    }
    seen = images["train"] // 10
    faces = setting.dataset == "faces"
    large = faces and setting.backbone == "vgg16"
    batch = 64 if large else 32
    return replace(
        setting,
        input_px=224,
        train_images=images["train"] - seen,
        validation_images=seen,
        test_images=images["test"],
        steps=PUBLISHED_EPOCHS * -(-(images["train"] - seen) // batch),
        batch=batch,
        lr=1e-3 if large else 1e-4,
        init="imagenet" if faces else "random",
    )


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Train every network, or take what an earlier run left, and compare.

    Raises BadInput for files that cannot be used.
    """
    results = run_trials(plan(options), options, say)
    cells = cells_of(settings(options), results)
    caption = (
        "Accuracy on the test split, single-task (STL) and multi-task (MTL): mean and 95 % "
        f"interval over {len(options.seeds)} seed(s); the grey mark is guessing."
    )
    report = Report(
        name="accuracy",
        title="Single-task and multi-task accuracy",
        tables=[_table(cells)],
        drawings=[
            Drawing("accuracy", accuracy_figure.draw(cells, options.quick), caption),
            *curves.drawings(results, options.quick),
        ],
        verdicts=[*verdicts(cells, options.quick), *_not_given(options)],
        notes=NOTES,
    )
    return with_trials(report, options, results)


def _table(cells: Sequence[Cell]) -> Table:
    rows = [
        {
            "data set": cell.setting.dataset,
            "backbone": cell.setting.backbone,
            "arms": cell.fairness,
            "task": cell.task,
            "guessing %": cell.chance,
            **cell.accuracy.columns("STL", "MTL"),
        }
        for cell in cells
    ]
    caption = (
        "Accuracy in per cent and half of its 95 % interval; the difference in points, paired by "
        "seed, with its interval"
    )
    return Table("accuracy", pd.DataFrame(rows).round(2), caption)


def _not_given(options: StudyOptions) -> list[Verdict]:
    """The paper's real data sets are not free to pass on: without them the claim stays untried."""
    return [
        Verdict(
            encouraging(name),
            found=f"nothing: {name} was not given",
            word="not testable here",
            why=f"needs the files: --data {name}=PATH trains it by the published recipe",
            sure="not at all",
        )
        for name in PUBLISHED
        if name not in options.data and options.datasets is None
    ]
