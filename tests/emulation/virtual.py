"""A stream across two lanes in virtual time, for tests."""

from dataclasses import dataclass, field

import simpy

from emulation.simpy.carrier import Carrier
from emulation.simpy.feeder import Feeder
from emulation.simpy.tcp import Stream
from emulation.spec import LaneSpec


@dataclass
class Crossing:
    """A stream under test and what has come of it."""

    spec: LaneSpec
    back: LaneSpec | None = None
    seed: int = 1
    env: simpy.Environment = field(default_factory=simpy.Environment)
    deliveries: list[tuple[float, int]] = field(default_factory=list)
    finished_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        back = self.back or LaneSpec(delay_s=self.spec.delay_s)
        self.forward = Carrier(self.env, self.spec, self.seed)
        self.reverse = Carrier(self.env, back, self.seed + 1)
        self.feeder = Feeder(self.forward)
        self.stream = self.another()

    def another(self) -> Stream:
        """One more stream that shares the lanes and reports to the same lists."""
        return Stream(
            self.feeder,
            self.reverse,
            rtt_s=self.spec.delay_s + self.reverse.spec.delay_s,
            deliver=lambda count: self.deliveries.append((self.env.now, count)),
            finish=lambda: self.finished_s.append(self.env.now),
        )

    @property
    def delivered(self) -> int:
        """Bytes at the far end."""
        return sum(count for _, count in self.deliveries)

    @property
    def last_s(self) -> float:
        """When the last of them came."""
        return self.deliveries[-1][0]
