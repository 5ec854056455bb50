"""How close each backend's links come to what was configured, by three instruments.

`python -m benchmarks.link_fidelity [--quick] [--out DIR] [--backend NAME]...` measures every
backend that this machine gives, and Mahimahi where it is installed, with ping, iperf3 and our own
probe, and writes a table (CSV and Markdown) and a figure to DIR. Full: under ten minutes. Cells
and targets are in `link_cells.py`, the measuring in `link_measure.py`.
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchmarks import link_peer
from benchmarks.link_cells import CELLS, QUICK_CELLS, Cell, Finding, cpu_spec, unshaped_spec
from benchmarks.link_instruments import Ends, InstrumentFailed, children, iperf_server
from benchmarks.link_measure import FULL, MEASURES, QUICK, Effort, capacity, cpu, probe
from benchmarks.link_report import line_of, write_report
from emulation.errors import LinkFault, LinkUnavailable
from emulation.link import BACKENDS, Backend, Link, load_backend
from testbed.runs.environment import environment

DEFAULT_OUT = Path("results/reference/links")
SEED = 1
DATAGRAMS_NEED_ADDRESSES = ("rtt", "rate", "loss")
"""ping has no port, and iperf3's UDP needs two at once: not where only one is carried."""


class Bench:
    """Collects the findings of a run."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.findings: list[Finding] = []
        self.failures: list[str] = []

    def attempt(self, backend: str, what: str, measure: Callable[[], list[Finding]]) -> None:
        """Keep what is found; a figure that cannot be had is noted, and the run goes on."""
        try:
            found = measure()
        except (InstrumentFailed, LinkFault) as error:
            self.failures.append(f"{backend}, {what}: {' '.join(str(error).split())}")
            print(f"  {self.failures[-1]}")
            return
        self.findings += found
        for finding in found:
            print(f"  {line_of(finding)}")

    def backend(self, backend: Backend, cells: Sequence[Cell]) -> None:
        """Every cell, and what the backend itself can do."""
        for cell in cells:
            print(f"{backend.name}: {cell.describe()}")
            with backend.open(cell.spec, SEED) as link:
                self.cell(backend.name, cell, ends_of(link))
                if "probe" in cell.tasks:
                    self.attempt(
                        backend.name,
                        "probe",
                        lambda: probe(backend.name, cell, link, SEED),  # noqa: B023
                    )
        print(f"{backend.name}: capacity and CPU")
        with backend.open(unshaped_spec(), SEED) as link:
            ends = ends_of(link)
            with iperf_server(ends):
                self.attempt(
                    backend.name, "capacity", lambda: capacity(backend.name, ends, self.effort)
                )
        with backend.open(cpu_spec(), SEED) as link:
            self._cpu(backend.name, link)

    def cell(self, name: str, cell: Cell, ends: Ends) -> None:
        """What one cell asks of ping and iperf3."""
        with iperf_server(ends):
            for task in cell.tasks:
                carried = ends.has_addresses or task not in DATAGRAMS_NEED_ADDRESSES
                if task in MEASURES and carried:
                    self.attempt(
                        name,
                        task,
                        lambda: MEASURES[task](name, cell, ends, self.effort),  # noqa: B023
                    )

    def _cpu(self, name: str, link: Link) -> None:
        """Only where a process of ours carries the packets; the kernel's work has no owner."""
        carriers = children(f"emulation.{CARRIERS[name]}") if name in CARRIERS else []
        if len(carriers) == 1:
            ends = ends_of(link)
            with iperf_server(ends):
                self.attempt(name, "cpu", lambda: cpu(name, ends, carriers[0], self.effort))


CARRIERS = {"tun": "tun.ferry", "simpy": "userspace.process"}
"""Backend -> the module its process runs."""


def ends_of(link: Link) -> Ends:
    """Where ping and iperf3 run on one of our links."""
    if link.edge.address != link.server.address:
        return Ends(
            address=link.server.address,
            edge_prefix=link.edge.argv_prefix,
            server_prefix=link.server.argv_prefix,
        )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, dial_port = link.expose(port, "tcp")
    return Ends(address=address, port=port, dial_port=dial_port, has_addresses=False)


def available(names: Sequence[str]) -> list[Backend]:
    """Those of the backends that this machine gives; says what is missing for the others."""
    found: list[Backend] = []
    for name in names:
        try:
            backend = load_backend(name)
            why = backend.missing()
        except LinkUnavailable as error:
            why = str(error)
        if why is None:
            found.append(backend)
        else:
            print(f"{name}: left out: {why}")
    return found


def main() -> int:
    """Measure, print, write; 1 when nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="two cells, under a minute")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="DIR")
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="only these")
    arguments = parser.parse_args()
    for program in ("iperf3", "ping"):
        if shutil.which(program) is None:
            print(f"no program {program!r}: apt-get install iperf3 iputils-ping", file=sys.stderr)
            return 3
    cells, effort = (QUICK_CELLS, QUICK) if arguments.quick else (CELLS, FULL)
    load_before, started, began_s = os.getloadavg(), datetime.now(UTC), monotonic()
    bench = Bench(effort)
    backends = available(arguments.backend or list(BACKENDS))
    for backend in backends:
        bench.backend(backend, cells)
    if link_peer.available() and not arguments.backend:
        with tempfile.TemporaryDirectory(prefix="links-") as folder:
            Path(folder).chmod(0o755)
            for cell in cells:
                print(f"{link_peer.NAME}: {cell.describe()}")
                bench.cell(link_peer.NAME, cell, link_peer.ends_for(cell, Path(folder)))
    if not bench.findings:
        return 1
    names = ", ".join(backend.name for backend in backends)
    facts = {
        "command": " ".join(["python -m benchmarks.link_fidelity", *sys.argv[1:]]),
        "seconds": round(monotonic() - began_s),
        "load_average_before": load_before,
        "load_average_after": os.getloadavg(),
        "failures": bench.failures,
        "environment": environment(names, "all that can be had here", started=started),
    }
    for file in write_report(bench.findings, facts, arguments.out):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
