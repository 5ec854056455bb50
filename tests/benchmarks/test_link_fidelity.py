"""The link benchmark's own arithmetic and files; what it measures takes minutes and is not run."""

import csv
import os
import sys
from pathlib import Path

import pytest

from benchmarks import link_peer
from benchmarks.link_cells import CELLS, QUICK_CELLS, Cell, Finding
from benchmarks.link_fidelity import ends_of
from benchmarks.link_instruments import Ends, InstrumentFailed, children, cpu_s, ping
from benchmarks.link_measure import loss_finding
from benchmarks.link_report import line_of, write_report
from emulation.link import LoopbackLink
from testbed.runs.environment import environment

RTT = Finding("tun", "ping", "rtt", "10 Mbit/s, 20 ms", "both", 40.13, 40.2, 0.07, "ms", 400,
              target="error <= 0.15 ms", holds=True)  # fmt: skip
GOODPUT = Finding("simpy", "iperf3 TCP", "goodput", "10 Mbit/s, 20 ms", "up", 9.65e6, 9.0e6,
                  -0.65e6, "bit/s", target=">= 0.98", holds=False)  # fmt: skip


def test_every_rate_asked_for_has_an_exact_trace_for_the_peer() -> None:
    for cell in (*CELLS, *QUICK_CELLS):
        assert link_peer.constant_rate(cell.rate_bps).mean_rate_bps == cell.rate_bps


def test_the_peer_wraps_a_command(tmp_path: Path) -> None:
    ends = link_peer.ends_for(Cell(10e6, 20e-3, loss=0.01), tmp_path)
    prefix = " ".join(ends.edge_prefix)
    assert "mm-delay 20 mm-loss uplink 0.01 mm-loss downlink 0.01 mm-link" in prefix
    assert "--uplink-queue=droptail --uplink-queue-args=bytes=96000" in prefix
    assert prefix.endswith(" --")


def test_a_variable_is_replaced_by_the_shell_behind_the_prefix() -> None:
    ends = Ends("$HERE", edge_prefix=("env", "HERE=there"))
    assert ends.at_edge("echo ADDRESS", 1.0) == "there\n"


def test_no_answer_is_a_failure() -> None:
    with pytest.raises(InstrumentFailed, match="nowhere"):
        ping(Ends("x", edge_prefix=("sh", "-c", "echo nowhere", "sh")), 1, 0.1)


def test_a_link_without_addresses_is_reached_by_its_port() -> None:
    ends = ends_of(LoopbackLink())
    assert not ends.has_addresses
    assert ends.address == "127.0.0.1" and ends.port == ends.dial_port


def test_loss_is_judged_by_its_interval() -> None:
    cell = Cell(10e6, 0.0, loss=0.01)
    inside = loss_finding("tun", "probe", cell, "up", 20_000, 210)
    outside = loss_finding("tun", "probe", cell, "up", 20_000, 300)
    assert inside.verdict == "holds" and outside.verdict == "MISSED"
    assert inside.low == pytest.approx(0.00913, abs=5e-5)
    assert inside.high == pytest.approx(0.01201, abs=5e-5)


def test_processor_time_is_counted() -> None:
    before_s = cpu_s(os.getpid())
    while cpu_s(os.getpid()) < before_s + 0.02:
        pass
    assert children(sys.executable + " -no-such") == []


def test_a_report_has_every_figure(tmp_path: Path) -> None:
    facts = {
        "command": "python -m benchmarks.link_fidelity",
        "seconds": 1,
        "load_average_before": (0.5, 0.4, 0.3),
        "load_average_after": (0.6, 0.4, 0.3),
        "failures": ["tun, cpu: nobody there"],
        "environment": environment("tun", "for a test"),
    }
    files = write_report([RTT, GOODPUT], facts, tmp_path)
    assert sorted(file.suffix for file in files) == [".csv", ".json", ".md", ".png", ".svg"]
    with (tmp_path / "fidelity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["achieved"] for row in rows] == ["40.2", "9000000.0"]
    page = (tmp_path / "fidelity.md").read_text(encoding="utf-8")
    assert "Of 2 figures with a target, 1 hold." in page
    assert "| 9.65 Mbit/s | 9.00 Mbit/s | -6.74 % |" in page
    assert "**MISSED**" in page and "nobody there" in page


def test_a_line_names_target_and_verdict() -> None:
    assert line_of(RTT).endswith("(error <= 0.15 ms: holds)")
