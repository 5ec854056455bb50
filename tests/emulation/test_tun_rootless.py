"""The tun backend as an ordinary user, in a user namespace."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

NOBODY = 65534

LINK = """
import os
from emulation.spec import LaneSpec, LinkSpec
from emulation.tun import backend
from tests.emulation import at_endpoint

assert os.getuid() != 0
lane = LaneSpec(rate_bps=20e6, delay_s=10e-3)
with backend.open(LinkSpec(lane, lane, "reno"), 1) as link:
    assert link.edge.argv_prefix[0] == "nsenter"
    times_s = at_endpoint.ping(link, 20, 5e-3)
    assert 20e-3 < times_s[10] < 24e-3, times_s
    assert at_endpoint.transfer(link, 100_000)["sender"] == "reno"
    process = link.describe()["ferry"]["process"]
assert not os.path.exists(f"/proc/{process}")
assert not os.path.exists(f"/proc/{link.edge.argv_prefix[2]}")
"""
MISSING = "from emulation.tun import backend; print(backend.missing() or '')"


@pytest.fixture(scope="module")
def as_user() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs Python code as an ordinary user: as nobody if we are root."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = partial(subprocess.run, capture_output=True, text=True, check=False, env=environment)
    if os.geteuid() != 0:
        return lambda code: run((sys.executable, "-c", code))
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env")
    for python in (sys.executable, "/usr/bin/python3"):
        argv = (*become, python, "-c")
        if run((*argv, "import numpy")).returncode == 0:
            return lambda code, argv=argv: run((*argv, code))
    pytest.skip("an ordinary user can run no Python here that has this package's requirements")


@pytest.mark.root
@pytest.mark.realtime
def test_a_link_without_root(
    as_user: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    asked = as_user(MISSING)
    assert asked.returncode == 0, asked.stderr
    if asked.stdout.strip():
        pytest.skip(f"no tun link for an ordinary user: {asked.stdout.strip()}")
    done = as_user(LINK)
    assert done.returncode == 0, done.stderr
