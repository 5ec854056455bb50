"""What a study may be asked for, and how that is read from the words of a command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from testbed.data.catalog import DATASETS
from testbed.errors import BadInput
from testbed.model.mtl import BACKBONES

SEEDS = (1, 2, 3)
QUICK_SEEDS = (1,)


@dataclass(frozen=True)
class StudyOptions:
    """What a study is asked to do.

    quick: a small version of the study, minutes at most. out: the folder the report will be in;
    it does not exist yet. data: data set -> where its files are. seeds: one repetition each.
    threads: torch's. backbones: None for those of the paper's own comparison. workers: how many
    networks are trained side by side, each on one thread.

    Raises BadInput.
    """

    quick: bool
    out: Path
    data: Mapping[str, Path]
    seeds: tuple[int, ...]
    threads: int
    backbones: tuple[str, ...] | None
    workers: int = 1

    def __post_init__(self) -> None:
        for name in ("threads", "workers"):
            if getattr(self, name) < 1:
                raise BadInput(f"--{name}: found {getattr(self, name)}, allowed: 1 or more")
        for backbone in self.backbones or ():
            if backbone not in BACKBONES:
                raise BadInput(f"--backbone: found {backbone!r}, allowed: {', '.join(BACKBONES)}")


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
