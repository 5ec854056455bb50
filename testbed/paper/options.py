"""What a study may be asked for, parsed from the words of the command line."""

import os
from collections.abc import Mapping, Sequence
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
    """

    quick: bool
    out: Path
    data: Mapping[str, Path]
    seeds: tuple[int, ...]
    threads: int
    backbones: tuple[str, ...] | None
    workers: int = 1


def parse_options(
    *,
    quick: bool,
    out: Path,
    data: Sequence[str],
    seeds: str | None,
    threads: int,
    backbones: Sequence[str],
    workers: int | None = None,
) -> StudyOptions:
    """Check every word. data: NAME=PATH each. seeds: numbers with commas. Raises BadInput.

    workers: None is one a core.
    """
    if threads < 1:
        raise BadInput(f"--threads: found {threads}, allowed: 1 or more")
    if workers is not None and workers < 1:
        raise BadInput(f"--workers: found {workers}, allowed: 1 or more")
    for name in backbones:
        if name not in BACKBONES:
            raise BadInput(f"--backbone: found {name!r}, allowed: {', '.join(BACKBONES)}")
    default = QUICK_SEEDS if quick else SEEDS
    return StudyOptions(
        quick=quick,
        out=out,
        data=dict(_data_path(word) for word in data),
        seeds=default if seeds is None else _seeds(seeds),
        threads=threads,
        backbones=tuple(dict.fromkeys(backbones)) or None,
        workers=workers or os.cpu_count() or 1,
    )


def _data_path(word: str) -> tuple[str, Path]:
    name, equals, path = word.partition("=")
    if not equals or name not in DATASETS or not path:
        raise BadInput(
            f"--data: found {word!r}, allowed: NAME=PATH with one of {', '.join(DATASETS)}"
        )
    if not Path(path).exists():
        raise BadInput(f"--data {name}: found nothing at {path}, allowed: the data set's files")
    return name, Path(path)


def _seeds(text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(int(word) for word in text.split(","))
    except ValueError:
        seeds = ()
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise BadInput(f"--seeds: found {text!r}, allowed: different whole numbers such as 1,2,3")
    return seeds
