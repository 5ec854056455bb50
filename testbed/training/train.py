"""`testbed train`: train one network, measure it on unseen images, write weights and card."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import testbed
from testbed.errors import BadInput
from testbed.model.checkpoint import Card, round_to_half, save_model
from testbed.runs.environment import git_state
from testbed.storage.files import writing
from testbed.training.calibrate import calibration
from testbed.training.fit import fit
from testbed.training.journal import Journal
from testbed.training.options import TrainingOptions
from testbed.training.recipe import WEIGHTS
from testbed.training.sources import open_sources

_RENDERED = "3D Shapes (Kim & Mnih, 2018), rendered by this project from the same factors"
_ORIGIN: Mapping[str, str] = {
    "shapes3d": "3D Shapes (Kim & Mnih, 2018), the published file",
    "collage": "photographs, digits of MNIST (LeCun et al., 1998) and solids of 3D Shapes (Kim & "
    "Mnih, 2018), composed by this project",
    "multimnist": "two digits of MNIST (LeCun et al., 1998) in one picture",
    "multi_fashion": "two garments of Fashion-MNIST (Xiao et al., 2017) in one picture",
    "multi_fashion_mnist": "a digit of MNIST (LeCun et al., 1998) and a garment of Fashion-MNIST "
    "(Xiao et al., 2017) in one picture",
    "medic": "MEDIC (Alam et al., 2023)",
    "faces": "FACES (Ebner et al., 2010)",
    "folder": "the user's own pictures",
}
_SPLITS: Mapping[str, str] = {
    "shapes3d": "test: floor hue >= 5 and wall hue >= 5 (120,000); train: the rest (360,000)",
    "collage": "test: other photographs and digits (10,000); train: 60,000",
    "folder": "as labels.csv says, or one file in five, drawn by name",
}


def train(
    out: Path,
    options: TrainingOptions,
    *,
    resume: bool = False,
    show_progress: bool = True,
    scratch: Path | None = None,
) -> Card:
    """Train and write `out` (.safetensors), its card (.json) and a table of the progress (.csv).

    Returns the card. The table grows while training. An interruption leaves it and
    `state_file(out)`, from which `resume` goes on; without `resume`, nothing that exists is
    replaced. scratch: as `open_sources` has it; it decides nothing. Raises BadInput for an `out`
    that exists, has another suffix or cannot be made, for nothing to resume, and as `open_sources`
    and `fit` do.
    """
    state = state_file(out)
    _check_out(out, state, resume)
    notes = _notes(options, out.name)  # before: the checkout may move on while it trains
    train_data, test_data = open_sources(options, show_progress, scratch)
    with Journal(options.recipe.steps, show_progress, out.with_suffix(".csv")) as journal:
        # Rounded before the final test: what is measured is what the file will hold.
        fitted = fit(
            options.recipe,
            train_data,
            test=test_data,
            noise=options.noise,
            journal=journal,
            resume=state,
            finish=round_to_half,
        )
    notes["metrics"] = {
        "test_samples": len(test_data),
        "test_accuracy": fitted.accuracy,
        "train_loss": journal.last("train", "loss"),
    }
    fitted.net.tables = calibration(fitted.net, train_data)
    card = save_model(fitted.net, out, notes, half=True)
    state.unlink()
    return card


def state_file(out: Path) -> Path:
    """Where an unfinished run keeps its state: beside the weights it will write."""
    return out.with_suffix(".unfinished")


def _notes(options: TrainingOptions, out_name: str) -> dict[str, Any]:
    """What the card says beyond the architecture."""
    rendered = options.dataset == "shapes3d" and options.is_drawn
    return {
        "data": _RENDERED if rendered else _ORIGIN[options.dataset],
        "split": _SPLITS.get(options.dataset, "the published one"),
        "command": options.command(out_name),
        "seed": options.recipe.seed,
        "init": options.recipe.init,
        "noise": options.noise,
        "metrics": {},  # once they are known
        "commit": _commit(),
        "versions": {
            "split-testbed": testbed.__version__,
            **{name: version(name) for name in ("torch", "torchvision", "numpy", "pillow")},
        },
    }


def _commit() -> str | None:
    """The code's commit; None outside its own checkout."""
    git = git_state(Path(testbed.__file__).resolve().parent)
    if git is None:
        return None
    return f"{git['commit']} with local changes" if git["dirty"] else str(git["commit"])


def _check_out(out: Path, state: Path, resume: bool) -> None:
    """Find out before training, not after it, that the result could not be written."""
    if out.suffix != WEIGHTS:
        raise BadInput(f"out: found {out}, allowed: a file name that ends in {WEIGHTS}")
    finished = [out, out.with_suffix(".json")]
    for file in finished if resume else [*finished, out.with_suffix(".csv")]:
        if file.exists() and not (file.suffix == ".csv" and state.exists()):
            raise BadInput(f"out: {file} exists, allowed: a new file")
    if state.exists() and not resume:
        raise BadInput(f"out: {state} is an unfinished run, allowed: --resume, or remove it")
    if resume and not state.exists():
        raise BadInput(f"resume: {state}: no such file, allowed: an unfinished run of this --out")
    with writing(f"out: {out.parent}"):
        out.parent.mkdir(parents=True, exist_ok=True)
