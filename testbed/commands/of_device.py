"""`testbed device ...`: what can be typed after it."""

from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import option

app = typer.Typer(name="device", help="Devices that halves can stand for: list, show, measure.")


@app.command("list")
def list_devices() -> None:
    """List the devices and radios that scenarios can name, devices beside the reference."""
    from testbed.terminal.devices import print_devices, print_radios

    print_devices()
    print_radios()


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="a device, or a device's file")],
) -> None:
    """Show what every stage takes on a device, and where its figures are from."""
    from testbed.terminal.devices import print_device

    print_device(name)


@app.command()
def measure(
    name: Annotated[str, typer.Argument(metavar="NAME", help="what to call this machine")],
    backbones: Annotated[
        list[str] | None,
        option("NAME", "only this backbone; may be repeated", "--backbones", default="all"),
    ] = None,
    threads: Annotated[int, typer.Option(metavar="N", help="torch's threads", min=1)] = 1,
    rounds: Annotated[
        int, typer.Option(metavar="N", help="so many rounds; each time is the least of them", min=1)
    ] = 3,
    out: Annotated[Path | None, option("FILE", "the file to write", default="NAME.yaml")] = None,
) -> None:
    """Measure this machine, stage by stage, and write a file that scenarios can name."""
    from testbed.commands.device import measure_here

    measure_here(name, backbones or [], threads, rounds, out)
