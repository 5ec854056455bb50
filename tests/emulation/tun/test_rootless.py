"""Namespaces and the tun backend as an ordinary user, in a user namespace."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

AsUser: TypeAlias = Callable[[str], "subprocess.CompletedProcess[str]"]

NOBODY = 65534

NAMESPACES = """
import os, subprocess
from emulation.host.netns import open_namespaces
with open_namespaces("edge", "server") as (edge, server):
    keeper = edge.argv_prefix[2]
    edge.ip(f"link add eth0 type veth peer name eth1 netns {server.name}")
    assert "eth1@" in server.run("ip", "-br", "link")
    assert edge.run("pwd").strip() == os.getcwd()
    left = subprocess.Popen((*server.argv_prefix, "sleep", "60"))
    while str(left.pid) not in server.run("ip", "netns", "pids", server.name).split():
        pass
    assert not os.path.exists(server.path)
assert left.wait(5) == -9
assert not os.path.exists(f"/proc/{keeper}")
"""
LINK = """
import os
from emulation.spec import LaneSpec, LinkSpec
from emulation.tun.link import backend
from tests.emulation import at_endpoint
lane = LaneSpec(rate_bps=20e6, delay_s=10e-3)
with backend.open(LinkSpec(lane, lane, "reno"), 1) as link:
    keeper = link.edge.argv_prefix[2]
    times_s = at_endpoint.ping(link, 20, 5e-3)
    assert 20e-3 < times_s[10] < 24e-3, times_s
    assert at_endpoint.transfer(link, 100_000)["sender"] == "reno"
    ferry = link.describe()["ferry"]["process"]
assert not os.path.exists(f"/proc/{ferry}")
assert not os.path.exists(f"/proc/{keeper}")
"""


@pytest.fixture(scope="module")
def as_user() -> AsUser:
    """Runs Python code as an ordinary user: as nobody if we are root."""
    become: tuple[str, ...] = ()
    if os.geteuid() == 0:
        become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env")
    for python in (sys.executable, "/usr/bin/python3"):
        argv = (*become, python, "-c")
        if _run(*argv, "import numpy, os; assert os.getuid()").returncode == 0:
            return lambda code, argv=argv: _run(*argv, code)  # type: ignore[misc]
    pytest.skip("no Python that an ordinary user may run has what this package needs")


def _run(*argv: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)


def skip_where_missing(as_user: AsUser, what: str) -> None:
    """Skip, saying why, where an ordinary user cannot have it. what: a module with `missing`."""
    asked = as_user(f"{what}; print(missing() or '')")
    assert asked.returncode == 0, asked.stderr
    if asked.stdout.strip():
        pytest.skip(f"for an ordinary user: {asked.stdout.strip()}")


@pytest.mark.root
def test_namespaces_without_root(as_user: AsUser) -> None:
    skip_where_missing(as_user, "from emulation.host.netns import missing")
    done = as_user(NAMESPACES)
    assert done.returncode == 0, done.stderr


@pytest.mark.root
@pytest.mark.realtime
def test_a_link_without_root(as_user: AsUser) -> None:
    skip_where_missing(as_user, "from emulation.tun.link import backend; missing = backend.missing")
    done = as_user(LINK)
    assert done.returncode == 0, done.stderr
