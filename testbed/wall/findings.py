"""What comes in from the edge half while a run goes on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from testbed.halves.events import Event
from testbed.results.record import RequestRecord, record_from_json

OnEvent = Callable[[Event], None]


@dataclass(slots=True)
class Findings:
    """What comes in while a run goes on."""

    records: list[RequestRecord] = field(default_factory=list)
    cut_checks: list[dict[str, Any]] = field(default_factory=list)
    strays: Counter[str] = field(default_factory=Counter)

    def taking(self, pass_on: OnEvent) -> OnEvent:
        """File each event of the edge half, then pass it on."""

        def take(event: Event) -> None:
            self._take(event)
            pass_on(event)

        return take

    def _take(self, event: Event) -> None:
        if event["event"] == "request":
            self.records.append(record_from_json(event["record"]))
        elif event["event"] == "checked":
            self.cut_checks = event["checks"]
        elif event["event"] == "done":
            self.strays.update(event["strays"])
