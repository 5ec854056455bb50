"""`testbed profile`: what virtual time knows of both halves, measured."""

from pathlib import Path
from typing import Annotated

import typer


def profile(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario file (YAML)")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="a.b=c", help="change any key of the scenario"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="the file to write",
            metavar="FILE",
            show_default="where `testbed run --virtual` looks for it, below results/profiles/",
        ),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            help="requests measured of each deployment",
            min=1,
            metavar="N",
            show_default="as many as `testbed run --virtual` would",
        ),
    ] = None,
) -> None:
    """Measure both halves of SCENARIO without a link, for runs in virtual time."""
    from testbed.commands import virtual as command_virtual

    command_virtual.write_profile(scenario, overrides or [], out, rows)
