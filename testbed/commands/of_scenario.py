"""Commands that take one scenario: what can be typed after each. They are done by their modules.

What takes seconds to import waits until its command is called, so that `--help` is there at once.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from testbed.errors import BadInput


def option(
    value: str | None, what: str, *names: str, default: str | bool = True, **more: Any
) -> Any:
    """An option: what its value is called, and what it is for. default: in words, if shown so."""
    return typer.Option(*names, metavar=value, help=what, show_default=default, **more)


def flag(name: str, what: str) -> Any:
    """An option without a value, and without a `--no-` form."""
    return typer.Option(name, help=what)


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario file (YAML)")]
Overrides = Annotated[
    list[str] | None, option("a.b=c", "change any key of the scenario; may be repeated", "--set")
]
Out = Annotated[
    Path | None, option("DIR", "the folder to write; default: a new one below results/")
]
Keys = Annotated[
    Path | None,
    option(
        "DIR",
        "this half's keys, from `testbed keys new`",
        "--keys",
        default="none, on this machine's own addresses",
    ),
]
Insecure = Annotated[
    bool, flag("--insecure", "let anybody in reach take part and read along, without keys")
]
Child = Annotated[bool, typer.Option("--child", hidden=True)]


def run(
    scenario: ScenarioFile,
    backend: Annotated[str, option("NAME", "link emulation: auto, netem, tun or simpy")] = "auto",
    overrides: Overrides = None,
    seed: Annotated[int | None, option("N", "same as --set seed=N")] = None,
    out: Out = None,
    json: Annotated[bool, flag("--json", "print summary.json alone on standard output")] = False,
    virtual: Annotated[
        bool, flag("--virtual", "compute it in virtual time instead of running it")
    ] = False,
    profile_file: Annotated[
        Path | None,
        option(
            "FILE",
            "with --virtual: measured stages, from `testbed profile`",
            "--profile",
            default="the one kept in results/profiles/, measured if there is none",
        ),
    ] = None,
) -> None:
    """Run every deployment of SCENARIO over its link and leave a folder of results."""
    changes = [*(overrides or []), *([] if seed is None else [f"seed={seed}"])]
    if virtual:
        from testbed.commands.virtual import run_in_virtual_time

        run_in_virtual_time(scenario, changes, backend, profile_file, out, json)
        return
    if profile_file is not None:
        raise BadInput(f"--profile: found {profile_file}, allowed: with --virtual only")
    from testbed.commands.run import run_scenario

    run_scenario(scenario, changes, backend, out, json)


def profile(
    scenario: ScenarioFile,
    overrides: Overrides = None,
    out: Annotated[
        Path | None,
        option(
            "FILE",
            "the file to write",
            default="where `testbed run --virtual` looks for it, below results/profiles/",
        ),
    ] = None,
    rows: Annotated[
        int | None,
        option(
            "N",
            "requests measured of each deployment",
            default="as many as `testbed run --virtual` would",
            min=1,
        ),
    ] = None,
) -> None:
    """Measure both halves of SCENARIO without a link, for runs in virtual time."""
    from testbed.commands.virtual import write_profile

    write_profile(scenario, overrides, out, rows)


def link(
    scenario: ScenarioFile,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="runs at the edge; default: your shell"),
    ] = None,
    backend: Annotated[str, option("NAME", "link emulation: auto, netem or tun")] = "auto",
    overrides: Overrides = None,
    server_command: Annotated[
        str | None, option("TEXT", "runs at the server end meanwhile")
    ] = None,
    show_tc: Annotated[
        bool, flag("--show-tc", "print the commands netem would use, and stop")
    ] = False,
) -> int:
    """Run COMMAND over SCENARIO's link; TESTBED_SERVER and TESTBED_EDGE are the two addresses."""
    from testbed.commands import link as command_link

    if show_tc:
        typer.echo(command_link.show_tc(scenario, overrides))
        return 0
    return command_link.run_link(scenario, overrides, backend, command or [], server_command)


def serve(
    scenario: ScenarioFile,
    bind: Annotated[
        str, option("ADDRESS", "where to listen; loopback unless you say so")
    ] = "tcp://127.0.0.1:5555",
    overrides: Overrides = None,
    keys: Keys = None,
    insecure: Insecure = False,
    child: Child = False,
) -> None:
    """Start the server half by hand, for an edge half on this or another machine."""
    if child:
        from testbed.commands import child as child_halves

        child_halves.serve(scenario, bind)
    else:
        from testbed.commands import by_hand

        by_hand.serve(scenario, overrides, bind, keys, insecure)


def edge(
    scenario: ScenarioFile,
    server: Annotated[str, option("ADDRESS", "the server half, such as tcp://192.0.2.7:5555")],
    overrides: Overrides = None,
    out: Out = None,
    keys: Keys = None,
    insecure: Insecure = False,
    meter: Annotated[str, typer.Option(hidden=True)] = "none",
    child: Child = False,
) -> None:
    """Start the edge half by hand against a running server half; leaves the same results."""
    if child:
        from testbed.commands import child as child_halves

        child_halves.edge(scenario, server, meter)
    else:
        from testbed.commands import by_hand

        by_hand.edge(scenario, overrides, server, out, keys, insecure)
