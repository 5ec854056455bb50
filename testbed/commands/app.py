"""The command line: every command there is, and what becomes of errors: a line and an exit code.

0 done; 2 bad input; 3 the link could not be had or was out of tolerance; 130 interrupted;
141 nobody reads the output on; 1 anything else.
"""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Annotated, NoReturn

import typer

from emulation.errors import EmulationError
from testbed import __version__
from testbed.commands import of_device, of_keys, of_trace, streams
from testbed.commands.of_choice import choose, codecs, cuts
from testbed.commands.of_results import plot, sweep
from testbed.commands.of_scenario import (
    Overrides,
    ScenarioFile,
    edge,
    link,
    profile,
    run,
    serve,
)
from testbed.commands.reproduce import reproduce
from testbed.commands.train import calibrate, train
from testbed.errors import BadInput, TestbedError, exit_code, one_line
from testbed.storage.files import shown

INTERRUPTED = 130
_HANG_UP = getattr(signal, "SIGHUP", None)
_INTERRUPTS = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP")
    if hasattr(signal, name)  # not all of them on every system
)
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What a wrong option or argument raises; typer shows only its subclass in public."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"testbed {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="show the version and exit"
        ),
    ] = False,
) -> None:
    pass


def check(scenario: ScenarioFile, overrides: Overrides = None) -> None:
    """Validate SCENARIO and print it with every default filled in."""
    from testbed.config.scenario_file import dump_scenario, load_scenario
    from testbed.devices.find import check_devices
    from testbed.halves.deployment import check_cuts

    loaded = load_scenario(scenario, overrides)
    check_cuts(loaded)
    if said := check_devices(loaded):
        typer.echo(said, err=True)
    typer.echo(dump_scenario(loaded), nl=False)


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from json import dumps

    from testbed.config.scenario import Scenario

    typer.echo(dumps(Scenario.model_json_schema(), indent=2))


def columns(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="as a page of Markdown, for a file")
    ] = False,
) -> None:
    """Say what each column of requests.parquet and sweep.parquet means, in which unit."""
    from rich.console import Console

    from testbed.terminal.columns import columns_markdown, print_columns

    if markdown:
        typer.echo(columns_markdown(), nl=False)
    else:
        print_columns(Console())


COMMANDS: tuple[Callable[..., object], ...] = (
    *(run, check, schema, cuts, codecs, choose, columns, plot, sweep, train, calibrate),
    *(profile, link, serve, edge, reproduce),
)
"""In the order of `testbed --help`."""

app = typer.Typer(
    name="testbed",
    help="Measure where a multi-task network should run: on the device, on the server, or split.",
    callback=_root,
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(of_device.app)
app.add_typer(of_keys.app)
app.add_typer(of_trace.app)


def main() -> NoReturn:
    """Entry point: run the command line and leave with its exit code."""
    for number in _INTERRUPTS:
        if number != _HANG_UP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupt_once)
    sys.exit(streams.exit_code(_do))


def _do() -> int:
    """What is asked for, and its exit code; errors are said in one line."""
    try:
        left = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except UsageError as error:
        said = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        _say(f"{said}, see testbed --help")
        return BadInput.exit_code
    except (TestbedError, EmulationError) as error:
        _say(one_line(error))
        return exit_code(error)
    except KeyboardInterrupt:  # outside a command; inside one, typer makes it its exit code
        left = INTERRUPTED
    if left == INTERRUPTED:
        _say("interrupted")
    return left if isinstance(left, int) else 0


def _say(line: str) -> None:
    typer.echo(f"testbed: {shown(line)}", err=True)


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    """The first Ctrl-C (or kill) unwinds the run; the next must not disturb the clearing up."""
    for again in _INTERRUPTS:
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt
