"""`testbed reproduce`: the paper's claims, tried; or one of its trained networks once more.

What takes seconds to import waits until the command is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import Out, flag, option
from testbed.errors import TestbedError


class NotTheSame(TestbedError):
    """A network that was trained again came out as another."""


def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="accuracy, memory, split, traffic, tasks or transfer; or the JSON file of a "
            "trained network's result, to train that one again",
        ),
    ],
    quick: Annotated[
        bool, flag("--quick", "a small version, under three minutes on two cores")
    ] = False,
    out: Out = None,
    data: Annotated[
        list[str] | None, option("NAME=PATH", "where a data set's files are; may be repeated")
    ] = None,
    dataset: Annotated[
        list[str] | None,
        option("NAME", "of accuracy: only this data set; may be repeated", default="3D Shapes"),
    ] = None,
    seeds: Annotated[
        str | None, option("NUMBERS", "with commas; default: 1234 to 1238, with --quick 1234")
    ] = None,
    threads: Annotated[int, option("N", "torch's threads")] = 1,
    backbone: Annotated[
        list[str] | None, option("NAME", "only this backbone; may be repeated")
    ] = None,
    workers: Annotated[
        int | None,
        option(
            "N",
            "networks trained side by side, each on one thread",
            default="one a core; on a GPU one",
        ),
    ] = None,
    steps: Annotated[
        int | None, option("N", "of trained networks", default="the study's own")
    ] = None,
    noise: Annotated[
        str | None,
        option("NAME", "none, paper, code, camera or impulse:SHARE", default="the study's own"),
    ] = None,
    lr: Annotated[
        float | None, option("RATE", "learning rate of the first half", default="the study's own")
    ] = None,
    points: Annotated[
        Path | None,
        option("DIR", "where results of trained networks are kept and found", default="beside DIR"),
    ] = None,
    scratch: Annotated[
        Path | None,
        option("DIR", "store whole splits of images there", default="none: rendered as needed"),
    ] = None,
    device: Annotated[
        str, option("NAME", "what trains: cpu, cuda, or auto: a GPU where there is one")
    ] = "auto",
) -> None:
    """Try the published claims about NAME and leave tables, figures and verdicts in a folder.

    An interrupted study goes on by the same command, each network from where it was. A file named
    instead of a study is one network's result: it is trained again and must come out the same.
    """
    from rich.console import Console

    from testbed.paper.options import StudyOptions, data_path, device_of, seeds_of
    from testbed.paper.studies import require_study, run_study

    paths = dict(data_path(word) for word in data or [])
    progress = Console(stderr=True, highlight=False)
    if name.endswith(".json"):
        _again(Path(name), paths, scratch)
        return
    require_study(name)
    from testbed.paper.report import save_report
    from testbed.paper.verdict import print_verdicts
    from testbed.points.pool import cores
    from testbed.runs.recording import RESULTS
    from testbed.storage.files import shown
    from testbed.storage.folders import check_writable, stamped

    folder = out or stamped(RESULTS, f"reproduce-{name}")
    trained_on = device_of(device)
    options = StudyOptions(
        quick=quick,
        out=folder,
        data=paths,
        seeds=seeds_of(seeds, quick),
        threads=threads,
        backbones=tuple(dict.fromkeys(backbone or [])) or None,
        workers=workers or (1 if trained_on == "cuda" else cores()),
        datasets=tuple(dict.fromkeys(dataset or [])) or None,
        kept=points,
        scratch=scratch,
        device=trained_on,
        steps=steps,
        noise=noise,
        lr=lr,
    )
    check_writable(folder, RESULTS)
    report = run_study(name, options, progress.print)
    save_report(report, folder)
    print_verdicts(Console(highlight=False), report.verdicts)
    typer.echo(shown(folder))


def _again(file: Path, data: dict[str, Path], scratch: Path | None) -> None:
    """Raises NotTheSame where another network comes out."""
    from testbed.paper.training.again import train_again
    from testbed.paper.training.images import Places

    same, lines = train_again(file, Places(data, scratch), lambda line: typer.echo(line, err=True))
    for line in lines[: None if same else -1]:
        typer.echo(line)
    if not same:
        raise NotTheSame(f"{file}: {lines[-1]}")
