"""The process that carries packets between two TUN devices: `python -m emulation.tun.ferry`.

Standard input brings one JSON object a line, standard output answers with one a line: first what
to be (`link`, `seed`, `ends`), then what to do (`start`, `renew`, `describe`). It ends with
its standard input, so it cannot outlive whoever started it.

    edge's TUN ─read─> uplink lane ─write─> server's TUN      and back through the downlink lane
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from emulation.host.alarm import Alarm, prefer_this_process
from emulation.host.child import answer, obey
from emulation.lane import Lane, lane_seeds
from emulation.spec import LinkSpec, Weather, link_from_json
from emulation.tun.device import open_tun
from emulation.tun.direction import EARLY_S, LATE_S, Direction

PACE_S = 100e-6
"""After a departure, do not wake up for another before this: faster than 100 Mbit/s, waking for
every packet would take a whole core. Packets leave up to this much late then."""
_CONTROL = 0
"""Standard input. The owner asks again only when answered, so reads never take two commands."""
_COMMAND_BYTES = 4096


def waited_for_core_s() -> float | None:
    """How long this process was ready to run but without a core; None: the kernel does not say.

    Source: Linux's Documentation/scheduler/sched-stats.rst.
    """
    try:
        schedstat = Path("/proc/self/schedstat").read_text(encoding="ascii").split()
    except OSError:
        return None
    return int(schedstat[1]) / 1e9


class Ferry:
    """Both directions, and the owner who may ask how they are, or for another weather."""

    def __init__(
        self,
        spec: LinkSpec,
        weather: Weather,
        edge: int,
        server: int,
    ) -> None:
        """edge, server: the devices' descriptors. The lanes begin now."""
        self._spec = spec
        up, down = lanes_of(spec, weather)
        self.uplink = Direction(up, edge, server)
        self.downlink = Direction(down, server, edge)
        self._alarm = Alarm()
        self._scheduling = "ordinary"
        self._began_s = self._had_waited_s = 0.0

    def carry(self) -> None:
        """Carry packets until standard input ends."""
        self._scheduling = prefer_this_process()
        self._began_s, self._had_waited_s = process_time(), waited_for_core_s() or 0.0
        gc.freeze()  # carrying makes no cycles; a collection would be a pause
        gc.disable()
        uplink, downlink = self.uplink, self.downlink
        inputs = (uplink.source, downlink.source, _CONTROL)
        looked_s = perf_counter()
        while True:
            now_s = perf_counter()
            due_s = min(uplink.deliver(now_s), downlink.deliver(now_s))
            departed_s = max(uplink.departed_s, downlink.departed_s)
            due_s = max(due_s - EARLY_S, departed_s + PACE_S)
            busy_s = perf_counter() - looked_s
            ready, _, since_s = self._alarm.wait(due_s, inputs)
            looked_s = perf_counter()
            late = busy_s > LATE_S or looked_s - due_s > LATE_S
            for descriptor in ready:
                if descriptor == uplink.source:
                    uplink.collect(since_s, late=late)
                elif descriptor == downlink.source:
                    downlink.collect(since_s, late=late)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        """Do what the owner asks for; False when there is no owner any more."""
        command = os.read(_CONTROL, _COMMAND_BYTES)
        if command:
            obey(command, {"renew": self.renew, "describe": self.describe})
        return bool(command)

    def renew(self, **weather: Any) -> dict[str, Any]:
        """Let both lanes begin anew. The old ones are cycles of references, and collected."""
        up, down = lanes_of(self._spec, Weather(**weather))
        self.uplink.renew(up)
        self.downlink.renew(down)
        gc.collect()
        return {}

    def describe(self) -> dict[str, Any]:
        """How the process is, and all counters."""
        waited_s = waited_for_core_s()
        return {
            "process": os.getpid(),
            "scheduling": self._scheduling,
            "waking_s": self._alarm.waking_s,
            "processor_s": process_time() - self._began_s,
            "waited_for_core_s": None if waited_s is None else waited_s - self._had_waited_s,
            "uplink": self.uplink.describe(),
            "downlink": self.downlink.describe(),
        }


def main() -> int:
    """Open the devices, wait until they are configured, carry packets."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then ends us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    order = json.loads(sys.stdin.buffer.readline())
    try:
        edge, server = (open_tun(Path(end["namespace"]), end["device"]) for end in order["ends"])
    except OSError as error:
        sys.stderr.write(f"cannot make a TUN device: {error}\n")
        return 1
    answer(ready=True)
    if not sys.stdin.buffer.readline():
        return 0
    ferry = Ferry(link_from_json(order["link"]), Weather(order["seed"]), edge, server)
    try:
        answer(started=True)
        ferry.carry()
    except OSError as error:
        sys.stderr.write(f"an interface of the link is gone: {error.strerror}\n")
        return 1
    return 0


def lanes_of(spec: LinkSpec, weather: Weather) -> tuple[Lane[bytes], Lane[bytes]]:
    """Up and down, beginning now."""
    opened_s = perf_counter()
    spec = weather.over(spec)
    up_seed, down_seed = lane_seeds(weather.seed)
    return Lane(spec.uplink, up_seed, opened_s), Lane(spec.downlink, down_seed, opened_s)


if __name__ == "__main__":
    sys.exit(main())
