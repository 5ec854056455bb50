"""Commands that make many results or draw them: sweeps, figures, studies.

What takes seconds to import waits until its command is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import Out, flag, option


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


def reproduce(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="accuracy, memory, traffic, tasks or transfer")
    ],
    quick: Annotated[
        bool, flag("--quick", "a small version, under three minutes on two cores")
    ] = False,
    out: Out = None,
    data: Annotated[
        list[str] | None, option("NAME=PATH", "where a data set's files are; may be repeated")
    ] = None,
    seeds: Annotated[
        str | None, option("NUMBERS", "with commas; default: 1,2,3, with --quick 1")
    ] = None,
    threads: Annotated[int, option("N", "torch's threads")] = 1,
    backbone: Annotated[
        list[str] | None, option("NAME", "only this backbone; may be repeated")
    ] = None,
    workers: Annotated[
        int | None,
        option("N", "networks trained side by side, each on one thread", default="one a core"),
    ] = None,
) -> None:
    """Try the published claims about NAME and leave tables, figures and verdicts in a folder."""
    from testbed.paper.studies import require_study, run_study

    require_study(name)  # before the imports that take seconds
    from rich.console import Console

    from testbed.paper.options import StudyOptions, data_path, seeds_of
    from testbed.paper.report import save_report
    from testbed.paper.verdict import print_verdicts
    from testbed.points.pool import cores
    from testbed.runs.recording import RESULTS
    from testbed.storage.files import shown
    from testbed.storage.folders import check_writable, stamped

    folder = out or stamped(RESULTS, f"reproduce-{name}")
    options = StudyOptions(
        quick=quick,
        out=folder,
        data=dict(data_path(word) for word in data or []),
        seeds=seeds_of(seeds, quick),
        threads=threads,
        backbones=tuple(dict.fromkeys(backbone or [])) or None,
        workers=cores() if workers is None else workers,
    )
    check_writable(folder, RESULTS)
    progress = Console(stderr=True, highlight=False)
    report = run_study(name, options, progress.print)
    save_report(report, folder)
    print_verdicts(Console(highlight=False), report.verdicts)
    typer.echo(shown(folder))
