"""The command line: parse, call one verb, print. Every error becomes a line and an exit code here.

0 done; 2 bad input; 3 the link could not be had or was out of tolerance; 130 interrupted;
1 anything else.
"""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from emulation.errors import EmulationError
from testbed import __version__
from testbed.cli.columns import columns
from testbed.cli.plot import plot
from testbed.cli.reproduce import reproduce
from testbed.cli.sweep import sweep
from testbed.cli.train import train
from testbed.cli.virtual import profile
from testbed.errors import BadInput, TestbedError, exit_code, one_line

app = typer.Typer(
    name="testbed",
    help="Measure where a multi-task network should run: on the device, on the server, or split.",
    pretty_exceptions_enable=False,
)

INTERRUPTED = 130
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What a wrong option or argument raises; typer shows only its subclass in public."""

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario file (YAML)")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="a.b=c", help="change any key of the scenario; may be repeated"),
]
Out = Annotated[
    Path | None,
    typer.Option(help="the folder to write; default: a new one below results/", metavar="DIR"),
]
Child = Annotated[bool, typer.Option("--child", hidden=True)]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"testbed {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="show the version and exit"
        ),
    ] = False,
) -> None:
    pass


@app.command()
def run(
    scenario: ScenarioFile,
    backend: Annotated[
        str, typer.Option(help="link emulation: auto, netem, tun or simpy", metavar="NAME")
    ] = "auto",
    overrides: Overrides = None,
    seed: Annotated[int | None, typer.Option(help="same as --set seed=N", metavar="N")] = None,
    out: Out = None,
    json: Annotated[
        bool, typer.Option("--json", help="print summary.json alone on standard output")
    ] = False,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="compute it in virtual time instead of running it")
    ] = False,
    profile_file: Annotated[
        Path | None,
        typer.Option(
            "--profile",
            help="with --virtual: measured stages, from `testbed profile`",
            metavar="FILE",
            show_default="the one kept in results/profiles/, measured if there is none",
        ),
    ] = None,
) -> None:
    """Run every deployment of SCENARIO over its link and leave a folder of results."""
    changes = [*(overrides or []), *([] if seed is None else [f"seed={seed}"])]
    if virtual:
        from testbed.commands import virtual as command_virtual

        command_virtual.check_backend(backend)
        command_virtual.run_in_virtual_time(scenario, changes, profile_file, out, json)
        return
    if profile_file is not None:
        raise BadInput(f"--profile: found {profile_file}, allowed: with --virtual only")
    from testbed.commands import run as command_run

    command_run.run_scenario(scenario, changes, backend, out, json)


@app.command()
def check(scenario: ScenarioFile, overrides: Overrides = None) -> None:
    """Validate SCENARIO and print it with every default filled in."""
    from testbed.config.scenario_file import dump_scenario, load_scenario

    typer.echo(dump_scenario(load_scenario(scenario, overrides)), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from json import dumps

    from testbed.config.scenario import Scenario

    typer.echo(dumps(Scenario.model_json_schema(), indent=2))


app.command()(columns)
app.command()(plot)
app.command()(sweep)
app.command()(train)
app.command()(profile)


@app.command()
def link(
    scenario: ScenarioFile,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="runs at the edge; default: your shell"),
    ] = None,
    backend: Annotated[
        str, typer.Option(help="link emulation: auto, netem or tun", metavar="NAME")
    ] = "auto",
    overrides: Overrides = None,
    server_command: Annotated[
        str | None, typer.Option(help="runs at the server end meanwhile", metavar="TEXT")
    ] = None,
    show_tc: Annotated[
        bool, typer.Option("--show-tc", help="print the commands netem would use, and stop")
    ] = False,
) -> int:
    """Run COMMAND over SCENARIO's link; TESTBED_SERVER and TESTBED_EDGE are the two addresses."""
    from testbed.commands import link as command_link

    if show_tc:
        typer.echo(command_link.show_tc(scenario, overrides))
        return 0
    return command_link.run_link(scenario, overrides, backend, command or [], server_command)


@app.command()
def serve(
    scenario: ScenarioFile,
    bind: Annotated[
        str, typer.Option(help="where to listen; loopback unless you say so", metavar="ADDRESS")
    ] = "tcp://127.0.0.1:5555",
    overrides: Overrides = None,
    child: Child = False,
) -> None:
    """Start the server half by hand, for an edge half on this or another machine."""
    if child:
        from testbed.commands import child as child_halves

        child_halves.serve(scenario, bind)
        return
    from testbed.commands import halves as command_halves

    command_halves.serve(scenario, overrides, bind)


@app.command()
def edge(
    scenario: ScenarioFile,
    server: Annotated[
        str, typer.Option(help="the server half, such as tcp://192.0.2.7:5555", metavar="ADDRESS")
    ],
    overrides: Overrides = None,
    out: Out = None,
    meter: Annotated[str, typer.Option(hidden=True)] = "none",
    child: Child = False,
) -> None:
    """Start the edge half by hand against a running server half; leaves the same results."""
    if child:
        from testbed.commands import child as child_halves

        child_halves.edge(scenario, server, meter)
        return
    from testbed.commands import halves as command_halves

    command_halves.edge(scenario, overrides, server, out)


app.command()(reproduce)


def main() -> NoReturn:
    """Entry point: run the command line and leave with its exit code."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM), signal.SIGINT):
        signal.signal(number, _interrupt_once)
    try:
        left = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except UsageError as error:
        said = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        typer.echo(f"testbed: {said}, see testbed --help", err=True)
        sys.exit(BadInput.exit_code)
    except (TestbedError, EmulationError) as error:
        typer.echo(f"testbed: {one_line(error)}", err=True)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:  # outside a command; inside one, typer makes it its exit code
        left = INTERRUPTED
    if left == INTERRUPTED:
        typer.echo("testbed: interrupted", err=True)
    sys.exit(left if isinstance(left, int) else 0)


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    """The first Ctrl-C (or kill) unwinds the run; the next must not disturb the clearing up."""
    for again in (signal.SIGTERM, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt
