"""`testbed train` and `testbed calibrate`: weights, and what codecs learn of them."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import flag, option
from testbed.data.catalog import NAMES
from testbed.errors import BadInput
from testbed.runs.environment import command_line
from testbed.training.options import DEFAULT_BACKBONE, TrainingOptions, training_options
from testbed.training.recipe import Recipe


def train(
    out: Annotated[Path, option(None, "weights to write (.safetensors); card and table beside it")],
    dataset: Annotated[str, option("NAME", ", ".join(NAMES))] = TrainingOptions.dataset,
    data: Annotated[
        Path | None, option("PATH", "the data set's files", default="none: made here")
    ] = None,
    backbone: Annotated[str, typer.Option(metavar="NAME")] = DEFAULT_BACKBONE,
    tasks: Annotated[
        str | None, option("NAMES", "what to predict, with commas", default="the published tasks")
    ] = None,
    input_px: Annotated[int, option(None, "side of the network's input")] = Recipe.input_px,
    hidden: Annotated[int, option(None, "width of the task heads")] = Recipe.hidden,
    dropout: Annotated[float, option(None, "in the task heads")] = Recipe.dropout,
    init: Annotated[
        str,
        option("NAME", "random, imagenet, or a file: its backbone; with --bottleneck all of it"),
    ] = Recipe.init,
    bottleneck: Annotated[
        str | None,
        option("CUT:CHANNELS", "learn only that, for the network in --init", default="none"),
    ] = None,
    noise: Annotated[
        str, option("NAME", "on training images: camera, none, paper, code or impulse:SHARE")
    ] = TrainingOptions.noise,
    steps: Annotated[int, option(None, "optimiser steps")] = Recipe.steps,
    batch: Annotated[int, option(None, "images a step")] = Recipe.batch,
    lr: Annotated[float, option(None, "learning rate of the first half")] = Recipe.lr,
    seed: Annotated[int, typer.Option()] = Recipe.seed,
    limit: Annotated[
        int | None, option(None, "train on that many images only", default="all")
    ] = None,
    test_samples: Annotated[
        int, option(None, "size of the final test")
    ] = TrainingOptions.test_samples,
    threads: Annotated[int, option(None, "torch's threads")] = Recipe.threads,
    device: Annotated[str, option("NAME", "auto, cpu or cuda")] = Recipe.device,
    scratch: Annotated[
        Path | None,
        option("DIR", "draw images once and keep them there", default="none: at each step"),
    ] = None,
    resume: Annotated[
        bool, flag("--resume", "go on with an interrupted run of the same command")
    ] = False,
) -> None:
    """Train a network (by default on rendered 3D Shapes) and measure it on images it has not seen.

    An interrupted run leaves its state beside --out; the same command with --resume goes on.
    With --bottleneck a trained network stays as it is, and gets a codec for one of its cuts.
    """
    if bottleneck is not None:
        _learn_bottleneck(bottleneck, Path(init), out, dataset, data, noise, steps, batch, lr, seed)
        return
    options = training_options(
        dataset,
        None if tasks is None else [name.strip() for name in tasks.split(",") if name.strip()],
        data=data,
        backbone=backbone,
        noise=noise,
        limit=limit,
        test_samples=test_samples,
        input_px=input_px,
        steps=steps,
        batch=batch,
        lr=lr,
        seed=seed,
        hidden=hidden,
        dropout=dropout,
        init=init,
        threads=threads,
        device=device,
    )
    from testbed.training.train import state_file
    from testbed.training.train import train as run_training

    try:
        card = run_training(out, options, resume=resume, scratch=scratch)
    except KeyboardInterrupt:
        if state_file(out).exists():
            again = [word for word in command_line(sys.argv) if word != "--resume"]
            typer.echo(f"testbed: to go on: {shlex.join(again)} --resume", err=True)
        raise
    for task, share in card["metrics"]["test_accuracy"].items():
        typer.echo(f"{task}: {share:.2%} of the test images right")
    typer.echo(str(out))


def _learn_bottleneck(
    where: str,
    source: Path,
    out: Path,
    dataset: str,
    data: Path | None,
    noise: str,
    steps: int,
    batch: int,
    lr: float,
    seed: int,
) -> None:
    cut, colon, channels = where.rpartition(":")
    if not (colon and channels.isdecimal()):
        allowed = "a cut and a number of channels, such as features.12:16"
        raise BadInput(f"--bottleneck: found {where!r}, allowed: {allowed}")
    from testbed.training.bottleneck import Wanted, learn_file

    wanted = Wanted(cut, int(channels), steps, batch, lr, seed, noise)
    learn_file(source, out, wanted, dataset, data, show=True)
    typer.echo(str(out))


def calibrate(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="a .safetensors file")],
    dataset: Annotated[
        str, option("NAME", "the data set it was trained on")
    ] = TrainingOptions.dataset,
    data: Annotated[
        Path | None, option("PATH", "the data set's files", default="none: rendered")
    ] = None,
) -> None:
    """Let int8 and int4 learn the ranges of WEIGHTS' features, and write the file again.

    `testbed train` does the same at its end.
    """
    from testbed.training.calibrate import calibrate_file

    tables = calibrate_file(weights, dataset, data)
    typer.echo(f"{weights}: {tables} tables, for scale: tensor and scale: channel")
