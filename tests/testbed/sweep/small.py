"""A small sweep in virtual time, with a made-up profile in place of a measured one."""

from pathlib import Path

from testbed.config.scenario_file import load_scenario
from testbed.sweep.run import Finished, SweepOptions, run_sweep
from testbed.virtual.measure import profile_file
from testbed.virtual.profile import save_profile
from tests.testbed.sweep.sweeps import write_base
from tests.testbed.virtual import made_up

AXES = "axes: [{link.uplink.rate: {log: [1mbit, 100mbit], points: 6}}]\n"


def write_sweep(folder: Path, text: str = AXES) -> Path:
    """The sweep, its base, and a profile where `testbed` looks for it when run in `folder`."""
    base = load_scenario(write_base(folder))
    save_profile(made_up.profile(), folder / profile_file(base))
    file = folder / "sweep.yaml"
    file.write_text(f"name: s\nbase: small.yaml\n{text}")
    return file


def do(options: SweepOptions) -> tuple[Finished, list[str]]:
    """Run it; what it said comes with it."""
    said: list[str] = []
    return run_sweep(options, said.append, lambda clock, done, total: None), said
