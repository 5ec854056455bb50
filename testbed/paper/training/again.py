"""One network trained once more, from the file of its result alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from testbed.errors import BadInput
from testbed.paper.training.images import Places, prepare
from testbed.paper.training.train_trial import train_trial
from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import RESULT, point_of
from testbed.runs.environment import computed_on
from testbed.storage.files import reading
from testbed.training.version import TRAINING_VERSION


def train_again(file: Path, places: Places, say: Callable[[str], None]) -> tuple[bool, list[str]]:
    """Whether a trial's result comes out again to the digit, and what is said of it.

    Raises BadInput for a file that is no trial's, and for one of another version of the training.
    """
    trial, kept, made_on = _read(file)
    say(f"training {trial.label}, {trial.steps:,} steps")
    prepare(places, trial, say)
    found = train_trial(places, trial)
    same = found["accuracy"] == kept["accuracy"] and found["curve"] == kept["curve"]
    lines = [
        f"{task}: {100 * share:.4f} % kept, {100 * found['accuracy'][task]:.4f} % again"
        for task, share in kept["accuracy"].items()
    ]
    here = computed_on(*(name for name in made_on if name != "cpu"))
    if same:
        return same, [*lines, "the same to the digit, and its learning curve too"]
    differs = ", ".join(f"{k} {made_on[k]}, here {here[k]}" for k in here if here[k] != made_on[k])
    where = f"kept on another machine: {differs}" if differs else "on the same kind of machine"
    return same, [*lines, f"not the same to the digit; {where}"]


def _read(file: Path) -> tuple[Trial, dict[str, Any], dict[str, Any]]:
    allowed = "the file of a trained network, such as those of results/reference/paper/points"
    with reading(f"{file}", allowed, ValueError, KeyError, TypeError):
        kept = json.loads(file.read_text(encoding="utf-8"))
        values = kept["trial"] | {"tasks": tuple(kept["trial"]["tasks"])}
        trial, version = Trial(**values), int(kept["training_version"])
        result, made_on = dict(kept[RESULT] or {}), dict(kept["computed_on"])
    if version != TRAINING_VERSION:
        raise BadInput(
            f"{file}: training_version: found {version}, allowed: {TRAINING_VERSION}, what this "
            "version of the project trains"
        )
    if not result:
        raise BadInput(f"{file}: failed: found {kept.get('failed')!r}, allowed: a result")
    if kept["point"] != point_of(trial).digest:
        raise BadInput(f"{file}: found values that are not its name's, allowed: as it was written")
    return trial, result, made_on
