"""`testbed train`: train one network and write its weights, card and table of progress."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import flag, option
from testbed.data.catalog import NAMES
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
    init: Annotated[str, option("NAME", "first weights: random or imagenet")] = Recipe.init,
    noise: Annotated[
        str, option("NAME", "on training images: camera, none, paper or code")
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
    resume: Annotated[
        bool, flag("--resume", "go on with an interrupted run of the same command")
    ] = False,
) -> None:
    """Train a network (by default on rendered 3D Shapes) and measure it on images it has not seen.

    An interrupted run leaves its state beside --out; the same command with --resume goes on.
    """
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
        card = run_training(out, options, resume=resume)
    except KeyboardInterrupt:
        if state_file(out).exists():
            again = [word for word in command_line(sys.argv) if word != "--resume"]
            typer.echo(f"testbed: to go on: {shlex.join(again)} --resume", err=True)
        raise
    for task, share in card["metrics"]["test_accuracy"].items():
        typer.echo(f"{task}: {share:.2%} of the test images right")
    typer.echo(str(out))
