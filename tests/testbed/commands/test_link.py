"""`testbed link` from the outside: whose exit code, whose output, what is left behind."""

import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulation.errors import LinkUnavailable, SpecError
from emulation.link import LoopbackLink
from emulation.netem import kernel as netem_kernel
from emulation.spec import LaneSpec, LinkSpec
from emulation.tun import device as tun_device
from testbed.commands import link as command_link
from testbed.commands.foreground import ServerEnded
from testbed.commands.link import describe, run_link
from testbed.errors import BadInput
from tests.testbed.command_line import SCENARIOS, run_testbed

LTE = SCENARIOS / "lte.yaml"
TRACED = SCENARIOS / "driving-lte.yaml"


class Loopback:
    """A backend that can be had everywhere."""

    name = "loopback"
    opened = closed = 0

    def missing(self) -> None:
        return

    def open(self, spec: LinkSpec, seed: int) -> LoopbackLink:
        outer = self

        class Watched(LoopbackLink):
            def close(self) -> None:
                outer.closed += 1

        self.opened += 1
        return Watched()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    backend = Loopback()
    monkeypatch.setattr(command_link, "choose_backend", lambda name: (backend, "for a test"))
    yield backend
    assert backend.opened == backend.closed


def run_here(*command: str, server: str | None = None) -> int:
    return run_link(LTE, None, "auto", list(command), server)


# What the two programs get and give.


def test_the_exit_code_is_the_commands(loopback: Loopback) -> None:
    assert run_here("true") == 0
    assert run_here("sh", "-c", "exit 7") == 7
    assert loopback.opened == 2


def test_a_signal_that_ended_it_is_added_to_128(loopback: Loopback) -> None:
    assert run_here("sh", "-c", "kill -KILL $$") == 128 + signal.SIGKILL


def test_both_ends_know_both_addresses(
    loopback: Loopback, capfd: pytest.CaptureFixture[str]
) -> None:
    script = 'echo "$0 $TESTBED_EDGE $TESTBED_SERVER"'
    run_here("sh", "-c", f"sleep 0.1; {script}", "edge", server=f"sh -c '{script}; sleep 9' far")
    out, err = capfd.readouterr()
    assert out == "edge 127.0.0.1 127.0.0.1\n"
    assert "far 127.0.0.1 127.0.0.1\n" in err


def test_one_line_about_the_link_on_standard_error(
    loopback: Loopback, capfd: pytest.CaptureFixture[str]
) -> None:
    run_here("true")
    assert capfd.readouterr() == (
        "",
        "link: loopback (for a test); up 12 Mbit/s 25 ms 0.1 % lost, down 40 Mbit/s 25 ms "
        "0.1 % lost; edge 127.0.0.1, server 127.0.0.1\n",
    )


def test_a_trace_and_no_rate_are_named_as_such() -> None:
    assert (
        describe(LinkSpec(LaneSpec(), LaneSpec(delay_s=1)))
        == "up unlimited 0 ms, down unlimited 1 s"
    )


def test_without_command_the_users_shell_runs(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell = tmp_path / "shell"
    shell.write_text("#!/bin/sh\nexit 42\n")
    shell.chmod(0o755)
    monkeypatch.setenv("SHELL", str(shell))
    assert run_here() == 42


def test_the_server_command_ends_after_the_command(loopback: Loopback, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    server = f"sh -c 'trap \"echo yes >{ended}; exit\" TERM; while :; do sleep 0.05; done'"
    assert run_here("sh", "-c", f"test ! -e {ended}", server=server) == 0
    assert ended.read_text() == "yes\n"


def test_a_server_that_dies_at_once_is_an_error(loopback: Loopback, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(ServerEnded, match=r"\(sh -c exit 3\) ended with exit code 3 at once"):
        run_here("touch", str(mark), server="sh -c 'exit 3'")
    assert not mark.exists()


def test_a_server_that_dies_later_is_mentioned(
    loopback: Loopback, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_here("sleep", "0.5", server="sh -c 'sleep 0.4; exit 4'") == 0
    assert "exit code 4 while COMMAND ran" in capfd.readouterr().err


def test_the_server_command_goes_through_no_shell(
    loopback: Loopback, capfd: pytest.CaptureFixture[str]
) -> None:
    run_here(
        "true",
        server=f"{sys.executable} -c 'import sys,time;print(sys.argv);time.sleep(9)' $HOME ;",
    )
    assert "['-c', '$HOME', ';']" in capfd.readouterr().err


# What is refused.


@pytest.mark.parametrize(
    ("command", "server", "said"),
    [
        (["no-such-program"], None, "COMMAND: found 'no-such-program', allowed: a program on PATH"),
        (["true"], "no-such-program -x", "--server-command: found 'no-such-program'"),
        (["true"], "it's", "No closing quotation"),
        (["true"], "  ", "--server-command: found nothing"),
    ],
)
def test_bad_commands_open_no_link(
    loopback: Loopback, command: list[str], server: str | None, said: str
) -> None:
    with pytest.raises(BadInput, match=said.replace("(", r"\(")):
        run_link(LTE, None, "auto", command, server)
    assert loopback.opened == 0


def test_simpy_is_refused_and_why() -> None:
    with pytest.raises(LinkUnavailable, match="no addresses of their own"):
        run_link(LTE, None, "simpy", ["true"], None)


def test_an_unknown_backend_is_bad_input() -> None:
    with pytest.raises(SpecError, match="found 'ns3', allowed: auto, netem, tun, simpy"):
        run_link(LTE, None, "ns3", ["true"], None)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("link.uplink.distribution=cauchy", "link.uplink.distribution: found 'cauchy'"),
        ("link.uplink.queue=1b", "queue: found 1 bytes, allowed: at least one packet (1500)"),
        ("link.uplink.trace=bad.trace", "bad.trace, line 2: found 'x'"),
    ],
)
def test_a_link_that_cannot_be_ends_in_one_line(tmp_path: Path, override: str, said: str) -> None:
    (tmp_path / "bad.trace").write_text("1\nx\n")
    ended = run_testbed(tmp_path, "link", str(TRACED), "--set", override, "--", "true")
    assert ended.code == 2
    assert ended.out == ""
    assert said in ended.err
    assert ended.err.count("\n") == 1


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """What a machine has is asked for once per process, and this one is about to change."""
    netem_kernel.missing.cache_clear()
    yield
    netem_kernel.missing.cache_clear()


@pytest.mark.parametrize(
    ("backend", "without", "said"),
    [
        ("netem", "tc", "no program 'tc': apt-get install iproute2"),
        ("netem", "ip", "no program 'ip': apt-get install iproute2"),
        ("tun", "ip", "no program 'ip': apt-get install iproute2"),
    ],
)
def test_what_is_missing_is_said(
    backend: str, without: str, said: str, monkeypatch: pytest.MonkeyPatch, asked_anew: None
) -> None:
    real = shutil.which
    monkeypatch.setattr(tun_device, "missing", lambda: None)
    monkeypatch.setattr(
        "emulation.host.shell.shutil.which",
        lambda name, **options: None if name == without else real(name, **options),
    )
    with pytest.raises(LinkUnavailable) as raised:
        run_link(LTE, None, backend, ["true"], None)
    assert said in str(raised.value)


def test_a_missing_tun_device_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tun_device, "DEVICE", tmp_path / "tun")
    with pytest.raises(LinkUnavailable, match="modprobe tun"):
        run_link(LTE, None, "tun", ["true"], None)


# The commands of tc.


def test_show_tc_prints_commands_and_opens_nothing(tmp_path: Path) -> None:
    ended = run_testbed(tmp_path, "link", str(LTE), "--show-tc")
    assert ended.code == 0, ended.err
    assert "netem limit 100 loss random 0.1% rate 12mbit" in ended.out
    assert ended.err == ""


def test_show_tc_says_what_netem_cannot_do(tmp_path: Path) -> None:
    ended = run_testbed(tmp_path, "link", str(TRACED), "--show-tc")
    assert ended.code == 3
    assert "netem cannot follow a rate trace" in ended.err
