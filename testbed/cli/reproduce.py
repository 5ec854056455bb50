"""`testbed reproduce`: run one study of the paper's claims, leave its folder, show the verdicts."""

from pathlib import Path
from typing import Annotated

import typer

RESULTS = Path("results")


def reproduce(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="accuracy, memory, traffic, tasks or transfer")
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="a small version, under three minutes on two cores")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="the folder to write; default: a new one below results/", metavar="DIR"),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="where a data set's files are; may be repeated"),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="NUMBERS", help="with commas; default: 1,2,3, with --quick 1"),
    ] = None,
    threads: Annotated[int, typer.Option(help="torch's threads", metavar="N")] = 1,
    backbone: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="only this backbone; may be repeated")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="networks trained side by side, each on one thread",
            show_default="one a core",
        ),
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
    typer.echo(str(folder))
