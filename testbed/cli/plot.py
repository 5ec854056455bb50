"""`testbed plot`: draw the figures of finished runs and sweeps again, or further ones."""

from pathlib import Path
from typing import Annotated

import typer


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
        typer.Option(
            "--kind",
            metavar="KIND",
            help="of a run: stages, cdf, waterfall; of a sweep: latency-vs-bandwidth, "
            "latency-vs-loss, best-deployment, predicted-vs-measured, validation; may be repeated",
            show_default="all that suit",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="the folder to write to", metavar="DIR", show_default="figures/ below DIR"
        ),
    ] = None,
) -> None:
    """Draw figures from the folder of a run or a sweep; from several runs, how latency spreads."""
    from testbed.commands import plot as command_plot

    command_plot.plot(folders, kinds, out)
