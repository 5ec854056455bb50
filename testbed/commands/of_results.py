"""Commands that make many results or draw them: sweeps, figures.

What takes seconds to import waits until its command is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import flag, option


def sweep(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="a sweep (YAML): base scenario and axes", show_default=False
        ),
    ],
    workers: Annotated[
        int | None, option("N", "processes for points in virtual time", default="one a core", min=1)
    ] = None,
    dask: Annotated[
        str | None,
        option(
            "ADDRESS", "let a dask.distributed cluster do the points in virtual time", default=False
        ),
    ] = None,
    resume: Annotated[bool, flag("--resume", "go on with the sweep in --out")] = False,
    out: Annotated[
        Path | None, option("DIR", "the folder to write", default="a new one below results/")
    ] = None,
) -> None:
    """Do every point of a sweep and leave one table of them, with figures, in a folder.

    An interrupted sweep goes on with --resume; points that changed run again.
    """
    from testbed.commands import sweep as command_sweep
    from testbed.sweep.run import SweepOptions

    command_sweep.sweep(SweepOptions(file, out, resume, workers, dask))


def plot(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="the folder of a run or of a sweep; or of several runs",
            show_default=False,
        ),
    ],
    kinds: Annotated[
        list[str] | None,
        option(
            "KIND",
            "of a run: stages, cdf, waterfall, energy; of a sweep: latency-vs-bandwidth, "
            "energy-vs-bandwidth, latency-vs-loss, best-deployment, predicted-vs-measured, "
            "validation; may be repeated",
            "--kind",
            default="all that suit",
        ),
    ] = None,
    out: Annotated[
        Path | None, option("DIR", "the folder to write to", default="figures/ below DIR")
    ] = None,
) -> None:
    """Draw figures from the folder of a run or a sweep; from several runs, how latency spreads."""
    from testbed.commands import plot as command_plot

    command_plot.plot(folders, kinds, out)
