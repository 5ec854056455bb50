import os
import re
import signal
import subprocess
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

import pytest

from emulation.errors import CommandFailed, LinkFault, LinkUnavailable
from emulation.host import netns, shell
from emulation.host.keeper import NAMES, remove
from emulation.host.netns import new_network, open_namespaces, require_congestion_control

WHY_NOT = netns.missing()
needs_namespaces = pytest.mark.skipif(WHY_NOT is not None, reason=f"no namespaces: {WHY_NOT}")
needs_root = pytest.mark.skipif(not netns.privileged(), reason="not root: names are not seen here")

OWNER = """
import time
from emulation.host.netns import open_namespaces
with open_namespaces("edge", "server") as (edge, server):
    print(edge.name, server.name, flush=True)
    time.sleep(60)
"""


ELSEWHERE = """
import subprocess, sys
from emulation.host.keeper import owning
name = "testbed-4194304-0-edge"
subprocess.run(["ip", "netns", "add", name], check=True)
with owning(name):
    print(name, flush=True)
    sys.stdin.read()
"""
"""Its owner's process id is beyond pid_max, as good as one of another PID namespace."""


def names() -> list[str]:
    """The namespaces there are, of anybody's."""
    return [path.name for path in NAMES.glob("testbed-*")]


def gone(*wanted: str) -> bool:
    """Whether these namespaces disappear within a while."""
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        if not set(wanted) & set(names()):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.root
@needs_namespaces
def test_two_namespaces_can_be_joined() -> None:
    with open_namespaces("edge", "server") as (edge, server):
        edge.ip(f"link add eth0 type veth peer name eth1 netns {server.name}", "link set eth0 up")
        assert "eth1@" in server.run("ip", "-br", "link")
        assert "eth1@" not in edge.run("ip", "-br", "link")


@pytest.mark.root
@needs_namespaces
def test_lo_is_up_and_ipv6_is_off() -> None:
    with open_namespaces("edge") as (edge,):
        assert edge.run("ip", "-br", "address", "show", "lo").split()[2:] == ["127.0.0.1/8"]


@pytest.mark.root
@needs_namespaces
def test_kernel_parameters_are_those_of_the_namespace() -> None:
    with open_namespaces("router", "edge") as (router, edge):
        before = edge.run("cat", "/proc/sys/net/ipv4/ip_forward")
        router.set_sysctl(1, "net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding")
        assert router.run("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n"
        assert edge.run("cat", "/proc/sys/net/ipv4/ip_forward") == before


@pytest.mark.root
@needs_namespaces
def test_a_program_keeps_its_directory_and_its_input() -> None:
    with open_namespaces("edge") as (edge,):
        assert Path(edge.run("pwd").strip()) == Path.cwd()
        assert edge.run("cat", input_text="hello") == "hello"


@pytest.mark.root
@needs_namespaces
def test_a_wrong_command_is_told() -> None:
    with (
        open_namespaces("edge") as (edge,),
        pytest.raises(CommandFailed, match=r"(?s)Cannot find device.*link set nothing up"),
    ):
        edge.ip("link set lo up", "link set nothing up")


@pytest.mark.root
@needs_root
def test_everything_is_gone_afterwards() -> None:
    with open_namespaces("edge", "server") as (edge, server):
        assert re.fullmatch(rf"testbed-{os.getpid()}-\d+-edge", edge.name)
        assert {edge.name, server.name} <= set(names())
        left = subprocess.Popen((*edge.argv_prefix, "sleep", "60"))
        while left.pid not in map(int, shell.run(("ip", "netns", "pids", edge.name)).split()):
            time.sleep(0.01)
    assert not {edge.name, server.name} & set(names())
    assert left.wait(5) == -signal.SIGKILL


@pytest.mark.root
@needs_root
def test_an_exception_leaves_nothing() -> None:
    opened = []
    with pytest.raises(ZeroDivisionError), open_namespaces("edge") as (edge,):
        opened.append(edge.name)
        raise ZeroDivisionError
    assert not set(opened) & set(names())


@pytest.mark.root
@needs_root
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_owner_is_killed(how: signal.Signals) -> None:
    owner = subprocess.Popen(
        (sys.executable, "-c", OWNER), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    opened = owner.stdout.readline().split()
    assert set(opened) <= set(names())
    owner.send_signal(how)
    owner.communicate()
    assert gone(*opened)


@pytest.mark.root
@needs_root
def test_nothing_is_left_when_the_keeper_is_killed() -> None:
    with open_namespaces("edge") as (edge,):
        os.kill(keeper_of(edge.name), signal.SIGKILL)
    assert edge.name not in names()


def keeper_of(name: str) -> int:
    """Process id of the keeper that made this namespace."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0")
        if b"emulation.host.keeper" in words and name.encode() in words:
            return int(path.parent.name)
    raise AssertionError(name)


@pytest.mark.root
@needs_root
def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_are_not() -> None:
    dead = subprocess.Popen(("true",))
    dead.wait()
    left, living = f"testbed-{dead.pid}-0-edge", f"testbed-{os.getpid()}-0-living"
    try:
        for name in (left, living):
            shell.run(("ip", "netns", "add", name))
        with open_namespaces("edge"):
            assert left not in names()
            assert living in names()
    finally:
        remove(living)
        remove(left)


@pytest.mark.root
@needs_root
def test_namespaces_of_another_pid_namespace_stay_until_its_owner_dies() -> None:
    """There a process id says nothing: the owner has one that nobody has here."""
    owner = subprocess.Popen(
        ("unshare", "--pid", "--fork", "--kill-child", sys.executable, "-c", ELSEWHERE),
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert owner.stdout is not None
    name = owner.stdout.readline().strip()
    try:
        with open_namespaces("edge"):
            assert name in names()
        owner.kill()
        owner.communicate()
        with open_namespaces("edge"):
            assert gone(name)
    finally:
        remove(name)


@pytest.mark.root
@needs_root
def test_namespaces_in_which_somebody_lives_stay() -> None:
    dead = subprocess.Popen(("true",))
    dead.wait()
    name = f"testbed-{dead.pid}-0-edge"
    shell.run(("ip", "netns", "add", name))
    try:
        with subprocess.Popen(("ip", "netns", "exec", name, "sleep", "60")) as living:
            while not shell.run(("ip", "netns", "pids", name)):
                time.sleep(0.01)
            with open_namespaces("edge"):
                assert name in names()
            living.kill()
        with open_namespaces("edge"):
            assert name not in names()
    finally:
        remove(name)


@pytest.mark.root
@needs_root
def test_a_namespace_that_cannot_be_made_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netns, "_number", lambda: 7)
    with open_namespaces("edge") as (edge,):
        with pytest.raises(LinkFault, match="File exists"), open_namespaces("edge"):
            pytest.fail("opened")
        assert edge.name in names()  # the one that failed removes nobody else's


def test_no_ip_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "ADMIN_DIRECTORIES", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    assert netns.missing() == "no program 'ip': apt-get install iproute2"
    with pytest.raises(LinkUnavailable, match="iproute2"), open_namespaces("edge"):
        pass


def test_neither_root_nor_user_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argv: Any) -> str:
        raise CommandFailed(argv, 1, "unshare: unshare failed: Operation not permitted")

    monkeypatch.setattr(netns, "privileged", lambda: False)
    monkeypatch.setattr(shell, "missing_program", lambda _: None)
    monkeypatch.setattr(shell, "run", refuse)
    told = netns.missing()
    assert told is not None and "\n" not in told
    assert told.startswith("neither root nor allowed a user namespace (unshare: unshare failed")


READ_ONLY = "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "


def where_parameters_are_read_only(code: str) -> "subprocess.CompletedProcess[str]":
    """A few lines as a program that may not set kernel parameters, as in many containers."""
    argv = ["unshare", "-m", "sh", "-c", READ_ONLY + '"$@"', "sh", sys.executable, "-c", code]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.root
@needs_root
@pytest.mark.parametrize("backend", ["netem", "tun"])
def test_parameters_that_can_only_be_read_make_a_backend_unavailable(backend: str) -> None:
    found = where_parameters_are_read_only(
        f"from emulation.link import choose_backend\nchoose_backend({backend!r})"
    )
    last = found.stderr.splitlines()[-1]
    assert "LinkUnavailable" in last
    assert f"backend {backend}: /proc/sys/net is mounted read-only: mount -o remount,rw" in last


@pytest.mark.root
@needs_root
def test_then_auto_takes_the_next_and_says_why() -> None:
    found = where_parameters_are_read_only(
        "from emulation.link import choose_backend\n"
        "backend, why = choose_backend()\nprint(backend.name, why)"
    )
    assert found.stdout.startswith("simpy netem: /proc/sys/net is mounted read-only"), found.stderr
    assert "; tun: /proc/sys/net is mounted read-only" in found.stdout


@pytest.mark.root
@needs_root
def test_nor_are_namespaces_opened_then() -> None:
    found = where_parameters_are_read_only(
        "from emulation.host.netns import open_namespaces\nwith open_namespaces('edge'):\n    pass"
    )
    assert "read-only" in found.stderr.splitlines()[-1]


def test_each_link_has_addresses_of_its_own() -> None:
    networks = [new_network() for _ in range(50)]
    assert len(set(networks)) == 50
    assert all(network.subnet_of(IPv4Network("198.18.0.0/15")) for network in networks)
    assert all(network.prefixlen == 28 for network in networks)


def test_congestion_control_that_the_kernel_lacks() -> None:
    require_congestion_control("reno")  # part of every kernel
    with pytest.raises(LinkUnavailable, match=r"'nonesuch' \(it has: .*reno.*modprobe"):
        require_congestion_control(cast(Any, "nonesuch"))
