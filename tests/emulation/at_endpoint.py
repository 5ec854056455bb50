"""Runs the programs of `programs.py` at the ends of a link."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from emulation.link import Endpoint, Link

PROGRAMS = str(Path(__file__).with_name("programs.py"))
PYTHON = (sys.executable, "-I", "-S")
"""Without site-packages, which the programs do not need: three times as fast to start."""
PORT = 5001


def start(endpoint: Endpoint, *arguments: str) -> "subprocess.Popen[str]":
    """Start a program at an end; if it serves, it does so now."""
    argv = (*endpoint.argv_prefix, *PYTHON, PROGRAMS, *arguments)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if arguments[0] in ("sink", "receive", "wait"):
        assert process.stdout.readline() == "ready\n"
    return process


def result(process: "subprocess.Popen[str]") -> Any:
    """What a program printed; it has to have ended well."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return json.loads(output)


def ping(link: Link, count: int, interval_s: float) -> list[float]:
    """Round trip times in seconds, in increasing order."""
    times_s = result(start(link.edge, "ping", link.server.address, str(count), str(interval_s)))
    return sorted(times_s)


def blast(link: Link, count: int, size_bytes: int) -> tuple[list[int], list[float]]:
    """Numbers and arrival times (s) of those of `count` UDP packets that cross the uplink."""
    sink = start(link.server, "sink", link.server.address, str(PORT))
    address, port = link.expose(PORT, "udp")
    result(start(link.edge, "blast", address, str(port), str(count), str(size_bytes)))
    arrived = result(sink)
    return arrived["numbers"], arrived["times_s"]


def transfer(link: Link, size_bytes: int) -> dict[str, Any]:
    """Carry bytes up one TCP connection: bytes, time_s, and both ends' congestion control."""
    receiver = start(link.server, "receive", link.server.address, str(PORT))
    address, port = link.expose(PORT)
    sent = result(start(link.edge, "send", address, str(port), str(size_bytes)))
    received: dict[str, Any] = result(receiver)
    return received | {"sender": sent["congestion_control"]}
