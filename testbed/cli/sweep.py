"""`testbed sweep`: many points of a scenario, and the figures they make."""

from pathlib import Path
from typing import Annotated

import typer


def sweep(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="a sweep (YAML): base scenario and axes", show_default=False
        ),
    ],
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="processes for points in virtual time",
            show_default="one a core",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="let a dask.distributed cluster do the points in virtual time",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the sweep in --out")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="the folder to write", metavar="DIR", show_default="a new one below results/"
        ),
    ] = None,
) -> None:
    """Do every point of a sweep and leave one table of them, with figures, in a folder.

    An interrupted sweep goes on with --resume; points that changed run again.
    """
    from testbed.commands import sweep as command_sweep
    from testbed.sweep.run import SweepOptions

    command_sweep.sweep(SweepOptions(file, out, resume, workers, dask))
