"""What a run finds out besides its records, filled in as the halves tell it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from testbed.errors import PeerLost
from testbed.halves.equality import CutCheck
from testbed.halves.events import Checked, Done, Event, Ready, Recorded, Served
from testbed.results.record import RequestRecord

OnRecord = Callable[[RequestRecord], None]


@dataclass(slots=True)
class Findings:
    """Takes the events of a run: records go to `on_record` at once, the rest stays here.

    on_checked: called when the first request comes next. faults: what broke after that.
    """

    on_record: OnRecord
    on_checked: Callable[[], None] = lambda: None
    cut_checks: tuple[CutCheck, ...] = ()
    strays_at_edge: dict[str, int] = field(default_factory=dict)
    counted_by_server: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
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
            case Checked(checks):
                self.cut_checks = checks
                self.on_checked()
            case Done(strays):
                self.strays_at_edge = strays
            case Served(counts):
                self.counted_by_server = counts

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
