"""ping, iperf3 and a process's CPU time, for two ends wherever they are."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

PING_PACKET_BYTES = 84
"""IP packet of a default ping: 56 bytes of payload, ICMP and IP headers."""
UDP_OVERHEAD_BYTES = 28
_AVERAGE = re.compile(r"min/avg/max\S* = [0-9.]+/([0-9.]+)/")
_PING_START_S = 0.05
_START_TRIES = 30
_START_WAIT_S = 0.1
_MARGIN_S = 30.0


class InstrumentFailed(Exception):
    """ping or iperf3 did not give a figure; says what it said."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Where commands run and what the edge dials.

    address: as a shell at the edge understands it, so that it may be a variable.
    has_addresses: any port and ping reach the server; otherwise only `dial_port` does.
    """

    address: str
    port: int = 5201
    dial_port: int = 5201
    edge_prefix: tuple[str, ...] = ()
    server_prefix: tuple[str, ...] = ()
    has_addresses: bool = True

    def at_edge(self, script: str, takes_s: float) -> str:
        """Have a shell at the edge run `script`, ADDRESS in it replaced; returns what it printed.

        Raises InstrumentFailed only when it cannot be run in time: iperf3 says in its JSON what
        was wrong, and ping's exit status counts lost answers as failure.
        """
        script = script.replace("ADDRESS", self.address)
        try:
            return subprocess.run(
                [*self.edge_prefix, "sh", "-c", script],
                capture_output=True,
                timeout=takes_s + _MARGIN_S,
                text=True,
                check=False,
            ).stdout
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InstrumentFailed(f"{script}: {error}") from None


def ping(ends: Ends, count: int, expected_s: float) -> list[float]:
    """Round trips in seconds of the answers that came. Raises InstrumentFailed without any.

    One process each: ping shows three digits of every answer (100 ms, 40.1 ms), but microseconds
    in its summary.
    """
    script = f"for i in $(seq {count}); do ping -n -q -c 1 -W 1 ADDRESS; done"
    output = ends.at_edge(script, count * (expected_s + _PING_START_S))
    found = [float(value) / 1e3 for value in _AVERAGE.findall(output)]
    if not found:
        raise InstrumentFailed(f"ping: {' '.join(output.split())[:200] or 'no answer'}")
    return found


@contextmanager
def iperf_server(ends: Ends) -> Iterator[None]:
    """An iperf3 server at the server end, for as long as this lasts."""
    process = subprocess.Popen(
        [*ends.server_prefix, "iperf3", "-s", "-p", str(ends.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def tcp_goodput_bps(ends: Ends, for_s: float, omit_s: float, reverse: bool = False) -> float:
    """Payload that one TCP connection delivers, after its first `omit_s` seconds."""
    options = ["-t", f"{for_s:g}", "-O", f"{omit_s:g}"]
    received = _iperf(ends, options, for_s + omit_s, reverse)["sum_received"]
    return float(received["bits_per_second"])


@dataclass(frozen=True, slots=True)
class UdpResult:
    """What of a UDP stream arrived; received_bps counts IP packets."""

    received_bps: float
    sent: int
    lost: int


def udp(
    ends: Ends,
    send_bps: float,
    packet_bytes: int,
    for_s: float,
    omit_s: float = 0.0,
    reverse: bool = False,
) -> UdpResult:
    """Send packets of `packet_bytes` (IP) at `send_bps` (IP) for that long."""
    payload_bytes = packet_bytes - UDP_OVERHEAD_BYTES
    pace_bps = send_bps * payload_bytes / packet_bytes
    options = ["-u", "-b", f"{pace_bps:.0f}", "-l", str(payload_bytes), "-t", f"{for_s:g}"]
    end = _iperf(ends, [*options, "-O", f"{omit_s:g}"], for_s + omit_s, reverse)
    received_bps = end["sum_received"]["bits_per_second"] * packet_bytes / payload_bytes
    return UdpResult(received_bps, int(end["sum"]["packets"]), int(end["sum"]["lost_packets"]))


def _iperf(ends: Ends, options: list[str], takes_s: float, reverse: bool) -> dict[str, Any]:
    """The `end` part of iperf3's report; tried again, for its server may still be starting."""
    argv = ["iperf3", "-c", "ADDRESS", "-p", str(ends.dial_port), "-J", *options]
    script = " ".join([*argv, "-R"] if reverse else argv)
    said = ""
    for _ in range(_START_TRIES):
        output = ends.at_edge(script, takes_s)
        try:
            report = json.loads(output)
        except json.JSONDecodeError:
            raise InstrumentFailed(f"iperf3: found {output[:200]!r}") from None
        said = str(report.get("error", ""))
        if not said:
            end: dict[str, Any] = report["end"]
            return end
        sleep(_START_WAIT_S)
    raise InstrumentFailed(f"iperf3: {said}")


def cpu_s(process_id: int) -> float:
    """CPU time a process has used so far, its own and the kernel's for it (proc(5), fields 14, 15).

    Raises OSError when there is no such process.
    """
    text = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii", errors="replace")
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(command_part: str) -> list[int]:
    """Ids of this process's children whose command line has `command_part` in it."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="ascii", errors="replace")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        if parent == os.getpid() and command_part in command:
            found.append(int(folder.name))
    return found
