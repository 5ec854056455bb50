"""Both halves of a scenario at the ends of one link: loaded, run once, and gone.

Whatever is measured on the wall clock is measured here: runs, profiles and the floor.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from emulation.link import Closing, Link
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.errors import PeerLost
from testbed.halves.events import Bound, Done, Ready
from testbed.lifecycle.timing import longest_gap_s
from testbed.wall.findings import Findings
from testbed.wall.half import Half

_PATIENCE_S = 120.0


class Session(Closing):
    """Starts both halves, which then wait for `run`; closing it ends them, whatever they do."""

    def __init__(self, link: Link, scenario: Scenario, findings: Findings) -> None:
        """Start both and wait until each has loaded; `findings` takes what the edge says.

        Raises BadInput, PeerLost.
        """
        self._silence_s = _silence_s(scenario)
        self._findings = findings
        self._halves: list[Half] = []
        self._scratch = TemporaryDirectory(prefix="testbed-", ignore_cleanup_errors=True)
        try:
            self._start(link, scenario)
        except BaseException:
            self.close()
            raise

    def _start(self, link: Link, scenario: Scenario) -> None:
        scratch = Path(self._scratch.name)
        file = scratch / "scenario.yaml"
        file.write_text(dump_scenario(scenario, absolute=True), encoding="utf-8")
        bind = f"tcp://{link.server.address}:*"
        self.server = Half(link.server, ["serve", str(file), "--bind", bind], scratch)
        self._halves.append(self.server)
        address, port = link.expose(self.server.expect(Bound).port, "tcp")
        dial = f"tcp://{address}:{port}"
        arguments = ["edge", str(file), "--server", dial, "--meter", link.meter_uri]
        self.edge = Half(link.edge, arguments, scratch)
        self._halves.append(self.edge)
        self._findings.take(self.edge.expect(Ready))
        self.server.expect(Ready)

    def run(self) -> None:
        """Let the edge run to its end, filing what both say; a server that ended early is a fault.

        Raises PeerLost when the edge ends without being done or is silent for too long, and what
        the edge failed with.
        """
        self.edge.go()
        done = False
        for event in self.edge.events(self._silence_s):
            done = done or isinstance(event, Done)
            self._findings.take(event)
        if not done:
            raise PeerLost(f"the edge half ended in mid-run: {self.edge.last_words()}")
        if self.server.running:
            self._findings.take(self.server.stop())
        else:
            words = self.server.last_words()
            self._findings.faults.append(f"the server half ended in mid-run: {words}")

    def close(self) -> None:
        """End both."""
        for half in reversed(self._halves):
            half.close()
        self._halves.clear()
        self._scratch.cleanup()


def _silence_s(scenario: Scenario) -> float:
    """How long the edge may say nothing: the whole warm-up and one request, each timing out.

    Nothing is said either while no request is due.
    """
    workload = scenario.workload
    one_s = workload.timeout + 1 + longest_gap_s(scenario)
    return _PATIENCE_S + (workload.warmup + 1) * one_s
