"""`testbed link`: any program at the edge end of a scenario's link, another one at the server end.

Standard output belongs to COMMAND alone; what the testbed and the server command say goes to
standard error. `foreground.py` runs the programs.
"""

import os
import shlex
import shutil
from contextlib import ExitStack
from pathlib import Path

import typer

from emulation.errors import LinkUnavailable
from emulation.host import shell
from emulation.link import Backend, Link, choose_backend
from emulation.netem.argv import show_commands
from emulation.spec import LaneSpec, LinkSpec
from testbed.commands.foreground import ServerProgram, run_in_foreground
from testbed.config.scenario_file import load_scenario
from testbed.config.seeds import seed_for
from testbed.errors import BadInput
from testbed.results import wording

EDGE_VARIABLE = "TESTBED_EDGE"
SERVER_VARIABLE = "TESTBED_SERVER"
FALLBACK_SHELL = "/bin/sh"
WITHOUT_ADDRESSES = ("simpy",)
"""Backends whose two ends are one address: they carry what is sent to an exposed port only."""


def run_link(
    path: Path,
    overrides: list[str] | None,
    backend_name: str,
    command: list[str],
    server_command: str | None,
) -> int:
    """Open the link, run both commands, take everything down; returns COMMAND's exit code.

    Without COMMAND the user's shell runs. Raises BadInput, LinkUnavailable, ServerEnded, and
    LinkFault also where the link has ended while COMMAND ran, whatever became of that.
    """
    scenario = load_scenario(path, overrides)
    argv = command or [os.environ.get("SHELL") or FALLBACK_SHELL]
    server_argv = _split(server_command)
    _require_program("COMMAND", argv)
    backend, why = _choose(backend_name)
    spec = scenario.link.to_spec()
    with ExitStack() as stack:
        link = stack.enter_context(backend.open(spec, seed_for(scenario.seed, "link")))
        ends = f"edge {link.edge.address}, server {link.server.address}"
        typer.echo(f"link: {backend.name} ({why}); {describe(spec)}; {ends}", err=True)
        server = None
        if server_argv:
            at_server = [*link.server.argv_prefix, *server_argv]
            program = ServerProgram(server_argv, at_server, _variables(link))
            server = stack.enter_context(program)
            server.require_running()
        code = run_in_foreground([*link.edge.argv_prefix, *argv], _variables(link))
        if server is not None and (ended := server.ended_badly()) is not None:
            typer.echo(ended, err=True)
        link.require_running()
    return code


def show_tc(path: Path, overrides: list[str] | None) -> str:
    """The commands by which a Linux router would obey the scenario's link; nothing is run.

    Raises BadInput, and LinkUnavailable for what netem cannot do.
    """
    return "\n".join(show_commands(load_scenario(path, overrides).link.to_spec()))


def describe(spec: LinkSpec) -> str:
    """Rate and delay of both directions, in words."""
    return f"up {_lane(spec.uplink)}, down {_lane(spec.downlink)}"


def _lane(lane: LaneSpec) -> str:
    rate = "unlimited" if lane.mean_rate_bps is None else wording.rate(lane.mean_rate_bps)
    if lane.trace is not None:
        rate = f"{rate} on average (trace {lane.trace.name})"
    loss = f" {wording.percent(lane.mean_loss)} lost" if lane.mean_loss else ""
    return f"{rate} {wording.milliseconds(lane.delay_s * 1e3)}{loss}"


def _choose(name: str) -> tuple[Backend, str]:
    """A backend that gives each end an address. Raises LinkUnavailable when there is none."""
    backend, why = choose_backend(name)
    if backend.name in WITHOUT_ADDRESSES:
        passed_over = "" if name != "auto" else f"; {why}"
        raise LinkUnavailable(
            f"backend {backend.name}: gives the two ends no addresses of their own, which programs "
            f"need; testbed link works with netem or tun{passed_over}"
        )
    return backend, why


def _split(server_command: str | None) -> list[str]:
    """The server command's arguments, as a shell would split them but without a shell."""
    if server_command is None:
        return []
    try:
        argv = shlex.split(server_command)
    except ValueError as error:
        raise BadInput(
            f"--server-command: found {server_command!r} ({error}), allowed: a command"
        ) from None
    if not argv:
        raise BadInput("--server-command: found nothing, allowed: a command such as 'iperf3 -s'")
    _require_program("--server-command", argv)
    return argv


def _require_program(key: str, argv: list[str]) -> None:
    if shutil.which(argv[0]) is None:
        raise BadInput(f"{key}: found {argv[0]!r}, allowed: a program on PATH, or a path to one")


def _variables(link: Link) -> dict[str, str]:
    """The environment of a program at one end.

    Its PATH also finds `ip`, which puts it there, in the administrator's directories.
    """
    addresses = {EDGE_VARIABLE: link.edge.address, SERVER_VARIABLE: link.server.address}
    path = {"PATH": shell.environment()["PATH"]}
    return {**os.environ, **path, **addresses}
