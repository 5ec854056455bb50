"""`testbed link` over a real link: what crosses it, and what is left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emulation.host import netns
from emulation.tun import device as tun_device
from tests.testbed.command_line import SCENARIOS, finish, run_testbed, started

LTE = SCENARIOS / "lte.yaml"
needs_tun = pytest.mark.skipif(
    (tun_device.missing() or netns.missing()) is not None, reason="no TUN device or namespaces"
)


def namespaces() -> str:
    return subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout


@needs_tun
@pytest.mark.root
@pytest.mark.realtime
def test_a_program_crosses_the_link_to_another(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("far away\n")
    fetch = (
        "import os, time, urllib.request as r\n"
        "time.sleep(0.5)\n"
        "print(r.urlopen(f'http://{os.environ[\"TESTBED_SERVER\"]}:8000/page').read().decode())"
    )
    server = f"{sys.executable} -m http.server"
    ended = run_testbed(
        tmp_path, "link", str(LTE), "--backend", "tun", "--server-command", server,
        "--", sys.executable, "-c", fetch,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert ended.out == "far away\n\n"
    assert ended.leftovers == []


@needs_tun
@pytest.mark.root
@pytest.mark.realtime
def test_an_interface_may_be_down_for_a_while_and_one_taken_away_is_an_error(
    tmp_path: Path,
) -> None:
    at_edge = ("link", str(LTE), "--backend", "tun", "--", "sh", "-c")
    pinged = "ping -c 1 -W 2 $TESTBED_SERVER"
    down = f"ip link set edge0 down; {pinged}; ip link set edge0 up; sleep 1; {pinged}"
    ended = run_testbed(tmp_path, *at_edge, down)
    assert ended.code == 0, ended.err
    assert "1 received" in ended.out
    gone = run_testbed(tmp_path, *at_edge, "ip link delete edge0; sleep 1; exit 0")
    assert gone.code == 1
    assert gone.err.splitlines()[-1] == (
        "testbed: tun link: its process has ended: an interface of the link is gone: "
        "File descriptor in bad state"
    )
    assert gone.leftovers == ended.leftovers == []


@needs_tun
@pytest.mark.root
@pytest.mark.realtime
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_however_it_ends_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    arguments = ("link", str(LTE), "--backend", "tun", "--server-command", "sleep 60")
    with started(tmp_path, *arguments, "--", "sh", "-c", "echo up; exec sleep 60") as (
        command,
        process,
    ):
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        process.send_signal(number)
        ended = finish(command, process)
    assert ended.code == (-9 if number == signal.SIGKILL else 130)
    assert ended.leftovers == []
    assert f"testbed-{process.pid}-" not in namespaces()
