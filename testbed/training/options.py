"""What one `testbed train` was asked to do, checked, and as the command that repeats it.

Imports no torch: the command line takes its defaults from here.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from testbed.data.catalog import default_tasks, drawn_at_any_size, offered_classes
from testbed.errors import BadInput
from testbed.runs.environment import command_line
from testbed.training.recipe import Recipe

DEFAULT_DATASET = "shapes3d"
DEFAULT_BACKBONE = "mobilenet_v3_small"
DEFAULT_NOISE = "camera"
_ORDER = (
    "dataset", "data", "backbone", "tasks", "input_px", "steps", "batch", "lr", "seed", "hidden",
    "dropout", "init", "device", "noise", "limit", "test_samples", "threads", "out",
)  # fmt: skip
_SAID_IF_CHANGED = ("dataset", "data", "hidden", "dropout", "init", "device", "noise", "limit")


@dataclass(frozen=True)
class TrainingOptions:
    """A recipe and the data it is for.

    dataset: a name in `data.catalog.NAMES`. data: where its files are; None for what is made
    here. noise: as in `data.noise.noise_named`, on training images. limit: train on that many
    images only, drawn from the seed. test_samples: size of the final test, or all if there are
    fewer.

    Raises BadInput for values that no run can have.
    """

    recipe: Recipe
    dataset: str = DEFAULT_DATASET
    data: Path | None = None
    noise: str = DEFAULT_NOISE
    limit: int | None = None
    test_samples: int = 120_000

    def __post_init__(self) -> None:
        for name in ("limit", "test_samples"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"{name}: found {value}, allowed: at least 1")

    @property
    def is_drawn(self) -> bool:
        """Whether its images are made here, at any size and as fast as they are used."""
        return drawn_at_any_size(self.dataset, self.data)

    def command(self, out_name: str) -> str:
        """The command line that repeats this run."""
        recipe = vars(self.recipe) | {"tasks": ",".join(self.recipe.tasks)}
        values = vars(self) | recipe | {"out": out_name}
        defaults = {field.name: field.default for field in (*fields(self), *fields(Recipe))}
        words = ["testbed", "train"]
        for name in _ORDER:
            if name not in _SAID_IF_CHANGED or values[name] != defaults[name]:
                value = values[name]
                shown = f"{value:g}" if isinstance(value, float) else str(value)
                words += [f"--{name.replace('_', '-')}", shown]
        return shlex.join(command_line(words))


def training_options(
    dataset: str = DEFAULT_DATASET,
    tasks: Sequence[str] | None = None,
    *,
    data: Path | None = None,
    backbone: str = DEFAULT_BACKBONE,
    noise: str = DEFAULT_NOISE,
    limit: int | None = None,
    test_samples: int = TrainingOptions.test_samples,
    **recipe: Any,
) -> TrainingOptions:
    """Options from names. `tasks`: of the data set, None for the published ones. `recipe`: the
    other fields of `Recipe`.

    Raises BadInput for an unknown data set or task, and as `Recipe` and `TrainingOptions` do.
    """
    offered = offered_classes(dataset, data)
    names = tuple(default_tasks(dataset, offered) if tasks is None else tasks)
    if not names or len(set(names)) != len(names) or not set(names) <= offered.keys():
        found = ", ".join(names) or "none"
        raise BadInput(f"tasks: found {found}, allowed, each once: {', '.join(offered)}")
    made = Recipe(backbone, {name: len(offered[name]) for name in names}, **recipe)
    return TrainingOptions(made, dataset, data, noise, limit, test_samples)
