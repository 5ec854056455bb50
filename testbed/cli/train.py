"""`testbed train`: train one network and write its weights, card and table of progress."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from testbed.environment import command_line
from testbed.training.options import (
    DEFAULT_BACKBONE,
    DEFAULT_DATASET,
    DEFAULT_NOISE,
    TrainingOptions,
    training_options,
)
from testbed.training.recipe import Recipe


def train(
    out: Annotated[
        Path, typer.Option(help="weights to write (.safetensors); card and table beside it")
    ],
    dataset: Annotated[
        str, typer.Option(help="shapes3d, multimnist, medic or faces", metavar="NAME")
    ] = DEFAULT_DATASET,
    data: Annotated[
        Path | None,
        typer.Option(help="the data set's files", metavar="PATH", show_default="none: rendered"),
    ] = None,
    backbone: Annotated[str, typer.Option(metavar="NAME")] = DEFAULT_BACKBONE,
    tasks: Annotated[
        str | None,
        typer.Option(
            help="what to predict, with commas", metavar="NAMES", show_default="the published tasks"
        ),
    ] = None,
    input_px: Annotated[int, typer.Option(help="side of the network's input")] = Recipe.input_px,
    hidden: Annotated[int, typer.Option(help="width of the task heads")] = Recipe.hidden,
    dropout: Annotated[float, typer.Option(help="in the task heads")] = Recipe.dropout,
    init: Annotated[
        str, typer.Option(help="first weights: random or imagenet", metavar="NAME")
    ] = Recipe.init,
    noise: Annotated[
        str,
        typer.Option(help="on training images: camera, none, paper or code", metavar="NAME"),
    ] = DEFAULT_NOISE,
    steps: Annotated[int, typer.Option(help="optimiser steps")] = Recipe.steps,
    batch: Annotated[int, typer.Option(help="images a step")] = Recipe.batch,
    lr: Annotated[float, typer.Option(help="learning rate of the first half")] = Recipe.lr,
    seed: Annotated[int, typer.Option()] = Recipe.seed,
    limit: Annotated[
        int | None, typer.Option(help="train on that many images only", show_default="all")
    ] = None,
    test_samples: Annotated[
        int, typer.Option(help="size of the final test")
    ] = TrainingOptions.test_samples,
    threads: Annotated[int, typer.Option(help="torch's threads")] = Recipe.threads,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda", metavar="NAME")] = Recipe.device,
    resume: Annotated[
        bool, typer.Option("--resume", help="go on with an interrupted run of the same command")
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
