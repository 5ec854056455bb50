"""Study: does the network cut in two give the whole one's answers, whatever codec is between?

The weights that ship, cut where the paper cuts, over the whole test split: how many answers are the
whole network's (agreement) and how many are right, task by task, through every codec.
"""

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from testbed.choice.judge import Judgement, share_interval
from testbed.config.deployments import identity_of
from testbed.data.catalog import open_dataset
from testbed.paper.claims import SAME_ANSWERS
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.split import figure
from testbed.paper.split.judged import (
    DATASET,
    RESULT,
    added_up,
    entries,
    is_lossless,
    judge_part,
    network,
    points,
)
from testbed.paper.verdict import Verdict, held
from testbed.points.store import PointStore
from testbed.points.worklist import Progress, Workers, Worklist
from testbed.runs.environment import command_line

QUICK_IMAGES = 200

NOTES = (
    "Both halves run here, in one process, on batches of 32 images; what crosses is coded, decoded "
    "and nothing else, image by image. `testbed run` checks the same across a real link before its "
    "first request, bit for bit, on some images.",
    "Agreement is with the whole network's answer, right or wrong. Codecs with a coder behind them "
    "(`+zstd`, ...) answer as the codec does: coders are lossless. Ranges of `int8` and `int4` are "
    "each payload's own here.",
)


@dataclass(frozen=True)
class Kept:
    """One deployment. what: "features" or "image", what crosses."""

    what: str
    lossless: bool
    judged: Judgement


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Judge every codec on every test image, or find what was judged before."""
    total = len(open_dataset(DATASET, "test"))
    wanted = points(QUICK_IMAGES if options.quick else total)
    worklist = Worklist(
        wanted, PointStore(options.points, RESULT), say, shlex.join(command_line(sys.argv))
    )

    def tell(progress: Progress[Any]) -> None:
        if progress.left_s is not None:
            left = f"{progress.left_s / 60:.0f} min left"
            say(f"{progress.done}/{progress.total} parts of the test images, {left}")

    worklist.do(worklist.missing, judge_part, Workers(options.workers), tell)
    values = [worklist.results[point.digest].value or {} for point in wanted]
    kept = [
        Kept(
            "image" if name.startswith("remote") else "features",
            is_lossless(entry),
            added_up(name, values),
        )
        for entry in entries(network())
        for name in [identity_of(entry).name]
    ]
    caption = "Answers of the whole network's that change through each codec, by task."
    frame = table(kept)
    return Report(
        name="split",
        title="Does splitting change an answer?",
        tables=(Table("split", frame, "Agreement with the whole network, and accuracy."),),
        drawings=(Drawing("split", figure.draw(frame, options.quick), caption),),
        verdicts=[verdict(kept)],
        provenance={
            "network": network().identity,
            "images": kept[0].judged.images,
            "cut": "the published one, between backbone and heads",
        },
        notes=NOTES,
    )


def table(kept: Sequence[Kept]) -> pd.DataFrame:
    """A row for each deployment and task."""
    rows = []
    for one in kept:
        images = one.judged.images
        for task, counts in one.judged.tasks.items():
            low, high = share_interval(counts.right, images)
            rows.append(
                {
                    "deployment": one.judged.name,
                    "crosses": one.what,
                    "lossless": one.lossless,
                    "task": task,
                    "images": images,
                    "changed": images - counts.agreed,
                    "agreement %": 100 * counts.agreed / images,
                    "right %": 100 * counts.right / images,
                    "low": 100 * low,
                    "high": 100 * high,
                    "lost": counts.lost,
                    "gained": counts.gained,
                    "bytes": one.judged.mean_bytes,
                }
            )
    return pd.DataFrame(rows)


def verdict(kept: Sequence[Kept]) -> Verdict:
    """Of the lossless ones; what the others change is said beside it."""
    lossless = [one.judged for one in kept if one.lossless]
    lossy = [one.judged for one in kept if not one.lossless]
    images = kept[0].judged.images
    agree = all(one.agreement() == 1 for one in lossless)
    least = min(lossy, key=lambda one: one.agreement(), default=None)
    found = (
        f"through {len(lossless)} lossless codecs the least agreement over {images:,} images is "
        f"{min(one.agreement() for one in lossless):.3%}"
    )
    if least is not None:
        found += (
            f"; through {len(lossy)} lossy ones it is {least.agreement():.2%} ({least.name}) to "
            f"{max(one.agreement() for one in lossy):.2%}"
        )
    why = "the same layers compute the same numbers; only what a codec rounds can change an answer"
    sure = "exact: every image of the test split counted" if images > QUICK_IMAGES else "a few"
    return Verdict(SAME_ANSWERS, found, held(agree, not agree), why, f"{sure}; one network")
