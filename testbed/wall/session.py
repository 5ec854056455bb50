"""Both halves of a scenario at the ends of one link: loaded, run once, and gone; what they found.

Whatever is measured on the wall clock is measured here: runs, profiles and the floor.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from emulation.errors import EmulationError, LinkFault
from emulation.host.owned import scratch_folder
from emulation.link import Closing, Link
from emulation.spec import Weather
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.errors import PeerLost, TestbedError, one_line
from testbed.halves.equality import CutCheck
from testbed.halves.events import (
    Beginning,
    BlockEnergy,
    Bound,
    Checked,
    Done,
    Drawn,
    Event,
    HostsProbed,
    Ready,
    Recorded,
    Served,
)
from testbed.halves.overruns import BlockHosts
from testbed.lifecycle.plan import weather_of
from testbed.results.record import RequestRecord
from testbed.storage.files import atomic_write
from testbed.wall.half import Half

SILENCE_S = 120.0
"""What anything may take, beyond what the edge said, that is told of when it is done: to decode a
few pictures, or to be kept from its work by a busy host."""
OnRecord = Callable[[RequestRecord], None]


@dataclass(slots=True)
class Findings:
    """Takes the events of a run: records go to `on_record` at once, the rest stays here.

    on_facts: called when there are more of them: when the first request comes next, and after a
    block whose energy was measured. faults: what broke after that. on_hosts: hears how the hosts of
    both halves did, where devices are named. energy: of each attempt at a block, where the edge's
    machine has a counter. server_lost, server_found: how often, as `Done` tells.
    """

    on_record: OnRecord
    on_facts: Callable[[], None] = lambda: None
    on_hosts: Callable[[HostsProbed | BlockHosts], None] = lambda event: None
    cut_checks: tuple[CutCheck, ...] = ()
    strays_at_edge: dict[str, int] = field(default_factory=dict)
    counted_by_server: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    energy: list[BlockEnergy] = field(default_factory=list)
    server_lost: int = 0
    server_found: int = 0
    _edge: Ready | None = None

    @property
    def edge(self) -> Ready:
        """What the edge half says of itself. Raises PeerLost when it never got so far."""
        if self._edge is None:
            raise PeerLost("the edge half never was ready")
        return self._edge

    def take(self, event: Event) -> None:
        """File one event: of the edge, or the server's last."""
        match event:
            case Recorded(record):
                self.on_record(record)
            case Ready():
                self._edge = event
            case Drawn(skipped) if skipped:
                dataset = self.edge.dataset | {"skipped": list(skipped)}
                self._edge = replace(self.edge, dataset=dataset)
            case Checked(checks):
                self.cut_checks = checks
                self.on_facts()
            case BlockEnergy():
                self.energy.append(event)
                self.on_facts()
            case HostsProbed() | BlockHosts():
                self.on_hosts(event)
            case Done(strays):
                self.strays_at_edge = strays
                self.server_lost, self.server_found = event.server_lost, event.server_found
            case Served(counts):
                self.counted_by_server = counts

    def fault(self, error: Exception) -> None:
        """Keep what broke, each thing once."""
        if (line := one_line(error)) not in self.faults:
            self.faults.append(line)

    def facts(self) -> dict[str, Any]:
        """Plain values for link.json."""
        return {
            "cut_checks": [asdict(check) for check in self.cut_checks],
            "strays_at_edge": self.strays_at_edge,
            "counted_by_server": self.counted_by_server,
            "dataset": self.edge.dataset,
            "model": self.edge.identity,
            "weights": self.edge.weights._asdict(),
            "processors_kept_awake": self.edge.kept_awake,
        }


class Session(Closing):
    """Starts both halves, which then wait for `run`; closing it ends them, whatever they do."""

    def __init__(self, link: Link, scenario: Scenario, findings: Findings) -> None:
        """Wait until both have loaded; `findings` hears the edge. Raises BadInput, PeerLost."""
        self._findings = findings
        self._link, self._scenario = link, scenario
        with ExitStack() as opened, _blaming(link.require_running):
            self._start(link, scenario, opened)
            self._opened = opened.pop_all()

    def _start(self, link: Link, scenario: Scenario, opened: ExitStack) -> None:
        scratch = opened.enter_context(scratch_folder())
        file = scratch / "scenario.yaml"
        atomic_write(file, dump_scenario(scenario, absolute=True))
        bind = f"tcp://{link.server.address}:*"
        self.server = Half(link.server, ["serve", str(file), "--bind", bind], scratch)
        opened.callback(self.server.close)
        address, port = link.expose(self.server.expect(Bound).port, "tcp")
        dial = f"tcp://{address}:{port}"
        arguments = ["edge", str(file), "--server", dial, "--meter", link.meter_uri]
        self.edge = Half(link.edge, arguments, scratch)
        opened.callback(self.edge.close)
        self._findings.take(self.edge.expect(Ready))
        self.server.expect(Ready)

    def run(self) -> None:
        """Let the edge run to its end, filing what both say; a server that ended early is a fault.

        The link is renewed before each block. Raises PeerLost when the edge ends without being done
        or is silent for too long, and what the edge failed with; but where the link or the server
        half ended, which is why, that.
        """
        with _blaming(self._link.require_running, self.server.require_alive):
            self._listen_to_edge()
        try:
            self.server.require_alive()
        except PeerLost as error:
            self._findings.fault(error)
        else:
            self._findings.take(self.server.stop())

    def _listen_to_edge(self) -> None:
        self.edge.go()
        spec, done = self._scenario.link.to_spec(), False
        for event in self.edge.events(SILENCE_S):
            if isinstance(event, Beginning):
                self._begin_block(weather_of(self._scenario, spec, event.repeat))
            done = done or isinstance(event, Done)
            self._findings.take(event)
        if not done:
            raise self.edge.ended_early()

    def _begin_block(self, weather: Weather) -> None:
        """Renew the link and let the edge go on, also where the link is gone: its requests count.

        An edge that is gone is told of where its events end.
        """
        try:
            self._link.renew(weather)
        except LinkFault as error:
            self._findings.fault(error)
        with suppress(PeerLost):
            self.edge.go()

    def close(self) -> None:
        """End both."""
        self._opened.close()


@contextmanager
def _blaming(*require: Callable[[], None]) -> Iterator[None]:
    """Where what is within fails: raise what these say first, in order, of who has ended.

    One that ends takes others with it, and what those say hides it.
    """
    try:
        yield
    except (TestbedError, EmulationError):
        for one in require:
            one()
        raise
