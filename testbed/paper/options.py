"""What a study may be asked for, and how that is read from the words of a command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from testbed.data.catalog import DATASETS
from testbed.data.noise import noise_named
from testbed.errors import BadInput
from testbed.model.mtl import BACKBONES

SEEDS = (1234, 1235, 1236, 1237, 1238)
"""The published one, and four more."""
QUICK_SEEDS = SEEDS[:1]

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True)
class StudyOptions:
    """What a study is asked to do.

    quick: a small version of the study, minutes at most. out: the folder the report will be in;
    it does not exist yet. data: data set -> where its files are. seeds: one repetition each.
    threads: torch's. backbones, datasets: None for those that a study takes by itself. workers: how
    many networks are trained side by side, each on one thread. kept: where trained networks'
    results are kept and looked for, None for a folder beside the report. scratch: where whole
    splits of images may be stored. device: what trains. steps, noise, lr: of networks that are
    trained, None for a study's own.

    Raises BadInput.
    """

    quick: bool
    out: Path
    data: Mapping[str, Path] = field(default_factory=dict)
    seeds: tuple[int, ...] = SEEDS
    threads: int = 1
    backbones: tuple[str, ...] | None = None
    workers: int = 1
    datasets: tuple[str, ...] | None = None
    kept: Path | None = None
    scratch: Path | None = None
    device: Device = "cpu"
    steps: int | None = None
    noise: str | None = None
    lr: float | None = None

    def __post_init__(self) -> None:
        for name in ("threads", "workers", "steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"--{name}: found {value}, allowed: 1 or more")
        for backbone in self.backbones or ():
            _require("--backbone", backbone, BACKBONES)
        for dataset in self.datasets or ():
            _require("--dataset", dataset, DATASETS)
        if self.noise is not None:
            noise_named(self.noise)
        if self.lr is not None and not 0 < self.lr < 1:
            raise BadInput(f"--lr: found {self.lr}, allowed: above 0 and below 1")

    @property
    def points(self) -> Path:
        """Where results of trained networks are kept."""
        return self.kept or self.out.parent / "points"


def _require(option: str, word: str, allowed: Mapping[str, object]) -> None:
    if word not in allowed:
        near = get_close_matches(word, allowed, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise BadInput(f"{option}: found {word!r}, allowed: {', '.join(allowed)}{meant}")


def device_of(name: str) -> Device:
    """From auto, cpu or cuda. Raises BadInput for another word, and for a GPU that is not there."""
    if name == "cpu":
        return "cpu"
    if name not in ("auto", "cuda"):
        raise BadInput(f"--device: found {name!r}, allowed: auto, cpu, cuda")
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if name == "cuda":
        raise BadInput("--device: found no GPU that torch can use, allowed: auto, cpu")
    return "cpu"


def data_path(word: str) -> tuple[str, Path]:
    """From NAME=PATH. Raises BadInput for an unknown name and for nothing at that path."""
    name, equals, path = word.partition("=")
    if not equals or name not in DATASETS or not path:
        raise BadInput(
            f"--data: found {word!r}, allowed: NAME=PATH with one of {', '.join(DATASETS)}"
        )
    if not Path(path).exists():
        raise BadInput(f"--data {name}: found nothing at {path}, allowed: the data set's files")
    return name, Path(path)


def seeds_of(text: str | None, quick: bool) -> tuple[int, ...]:
    """Numbers with commas; None is the default. Raises BadInput."""
    if text is None:
        return QUICK_SEEDS if quick else SEEDS
    try:
        seeds = tuple(int(word) for word in text.split(","))
    except ValueError:
        seeds = ()
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise BadInput(f"--seeds: found {text!r}, allowed: different whole numbers such as 1,2,3")
    return seeds
