"""The kinds of input that others may have touched, and the commands that read each."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from hypothesis.strategies import SearchStrategy

from testbed.errors import BadInput
from testbed.model.checkpoint import random_net, save_model
from testbed.sweep.expand import expand
from testbed.sweep.sweep_file import SweepFile, load_sweep_file, values_of
from testbed.training.fit import fit
from testbed.training.options import training_options
from testbed.training.sources import open_sources
from testbed.virtual.measure import profile_file
from testbed.virtual.profile import save_profile
from tests.faults.fuzz.programs import PROGRAMS
from tests.faults.fuzz.weights import weights_edited
from tests.testbed import synthetic
from tests.testbed.command_line import ROOT, SCENARIOS
from tests.testbed.sweep.small import AXES, write_sweep
from tests.testbed.sweep.sweeps import write_base
from tests.testbed.virtual import made_up

Commands = Sequence[tuple[str, ...]]
SHIPPED_DEVICES = ROOT / "testbed" / "devices" / "shipped"
MOST_POINTS = 12
"""Of a sweep that is done, not only read."""
TASKS = {"scale": 8, "shape": 4}
TRAINING: dict[str, Any] = {
    "input_px": 32,
    "steps": 2,
    "batch": 4,
    "limit": 8,
    "test_samples": 4,
    "hidden": 8,
}


@dataclass(frozen=True)
class Kind:
    """prepare: makes the folder to be damaged. files: which files in it are, as a glob pattern.

    commands: what is typed in the folder, given the file that was damaged. trees: whether files
    are also damaged as YAML or JSON. other: what else may come in the place of
    a file with such content. examples: how many
    are tried.
    """

    name: str
    prepare: Callable[[Path], object]
    files: str
    commands: Callable[[Path, Path], Commands]
    trees: bool = True
    other: Callable[[bytes], SearchStrategy[bytes]] | None = None
    examples: int = 200


def _scenarios(folder: Path) -> None:
    shutil.copytree(SCENARIOS, folder, dirs_exist_ok=True)


def _tables(folder: Path) -> None:
    _scenarios(folder)
    rates = [(second, 3.5 + second % 7) for second in range(60)]
    (folder / "traces" / "rates.csv").write_text(
        "time,rate\n" + "".join(f"{at},{rate}\n" for at, rate in rates)
    )


def _sweeps(folder: Path) -> None:
    write_sweep(folder)
    two = "set: {link.uplink.loss: 2%}\naxes: [{link.uplink.rate: [1mbit, 2mbit]}, {seed: [1, 2]}]"
    (folder / "sweep-two.yaml").write_text(f"name: two\nbase: small.yaml\n{two}\nrepeats: 1\n")
    for file in (SCENARIOS / "sweeps").glob("*.yaml"):
        shutil.copy(file, folder / f"sweep-{file.name}")


def _of_sweep(folder: Path, file: Path) -> Commands:
    return [("sweep", file.name, "--workers", "1", "--out", "out")] if _is_quick(file) else []


def _is_quick(file: Path) -> bool:
    """Whether doing it measures nothing and takes a moment, or it is refused before."""
    try:
        sweep = load_sweep_file(file)[0]
        if _count(sweep) > MOST_POINTS:
            return False
        points = expand(sweep, file)[0]
    except BadInput:
        return True
    kept = {profile_file(point.scenario, file.parent / "results/profiles") for point in points}
    requests = sum(p.scenario.workload.requests * p.scenario.repeats for p in points)
    return sweep.clock == "virtual" and requests < 1000 and all(map(Path.exists, kept))


def _count(sweep: SweepFile) -> int:
    count = 1
    for axis in sweep.axes:
        count *= len(values_of(next(iter(axis.values()))))
    return count


def _devices(folder: Path) -> None:
    shutil.copytree(SHIPPED_DEVICES, folder, dirs_exist_ok=True)


def _weights(folder: Path) -> None:
    net = random_net("mobilenet_v3_small", TASKS, 32, seed=1, hidden=8)
    save_model(net, folder / "net.safetensors", {"data": "none"}, half=True)


def _training_state(folder: Path) -> None:
    """As an interruption at the end of the last step leaves it."""
    options = training_options(**TRAINING)
    train, _ = open_sources(options, False)
    fit(options.recipe, train, noise=options.noise, resume=folder / "net.unfinished")
    torch.load(folder / "net.unfinished", weights_only=True)


def _of_training(folder: Path, file: Path) -> Commands:
    words = [word for key, value in TRAINING.items() for word in (_option(key), str(value))]
    return [("train", *words, "--out", "net.safetensors", "--resume")]


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")


def _profile(folder: Path) -> None:
    write_base(folder)
    save_profile(made_up.profile(), folder / "profile.json")


def _run(folder: Path) -> None:
    synthetic.save(folder / "run", folder)


def _unfinished_run(folder: Path) -> None:
    """As one leaves it that was killed."""
    with synthetic.recording(folder / "run", folder) as recording:
        for record in synthetic.records(requests=20):
            recording.append(record)
        recording.keep_link(synthetic.facts_of_a_run())


def _sweep_folder(folder: Path) -> None:
    from tests.faults.fuzz.command import within

    write_sweep(folder, AXES.replace("points: 6", "points: 2"))
    told = within(folder, ("sweep", "sweep.yaml", "--workers", "1", "--out", "out"))
    assert told.code == 0, told.err


KINDS = (
    Kind(
        "scenarios", _scenarios, "*.yaml", lambda folder, file: [("check", file.name)],
    ),
    Kind(
        "traces", _tables, "traces/[sr]*.[ucd]*",
        lambda folder, file: [
            ("check", "subway-3g.yaml", "--set", f"link.uplink.trace=traces/{file.name}"),
            ("trace", "import", f"traces/{file.name}", "--out", "imported"),
        ],
        trees=False,
    ),
    Kind("sweeps", _sweeps, "sweep*.yaml", _of_sweep),
    Kind(
        "devices", _devices, "*.yaml",
        lambda folder, file: [("device", "show", str(file))],  # found devices are kept, by name
    ),
    Kind(
        "weights", _weights, "net.safetensors",
        lambda folder, file: [("calibrate", file.name)], trees=False, other=weights_edited,
    ),
    Kind(
        "training states", _training_state, "net.unfinished", _of_training,
        trees=False, other=lambda content: PROGRAMS, examples=50,
    ),
    Kind(
        "profiles", _profile, "profile.json",
        lambda folder, file: [
            ("run", "small.yaml", "--virtual", "--profile", "profile.json", "--out", "out")
        ],
    ),
    Kind("run folders", _run, "run/*.*", lambda folder, file: [("plot", "run", "--kind", "cdf")]),
    Kind(
        "unfinished run folders", _unfinished_run, "run/*",
        lambda folder, file: [("plot", "run", "--kind", "cdf")], examples=20,
    ),
    Kind(
        "sweep folders", _sweep_folder, "out/**/*.[jpy]*",
        lambda folder, file: [
            ("plot", "out"), ("sweep", "sweep.yaml", "--workers", "1", "--out", "out", "--resume"),
        ],
        examples=60,
    ),
)  # fmt: skip
