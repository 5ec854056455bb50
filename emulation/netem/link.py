"""Links by the kernel's own network emulator: the reference every other backend is compared with.

    edge namespace ── veth ── router namespace ── veth ── server namespace

All shaping is done in the router (`argv.py` has the commands): a queueing discipline on the
sender's own interface would push back on the sender's socket (TCP small queues), as no distant
bottleneck can. The router being its own namespace, packets arrive there owned by nobody.

`cables.py` joins the three, `kernel.py` says whether this machine can.
"""

import json
import platform
from contextlib import ExitStack
from typing import Any, TypeAlias

from emulation.errors import LinkFault
from emulation.host import netns
from emulation.host.netns import Namespace, open_namespaces, require_congestion_control
from emulation.link import Backend, Link, Transport
from emulation.netem import kernel as netem_kernel
from emulation.netem.argv import FRAME_HEADER_BYTES, Argv, cannot, router_commands
from emulation.netem.cables import END_DEVICE, join
from emulation.spec import LinkSpec, Weather

Counters: TypeAlias = dict[str, Any]
"""Of one device: its name under "device", and numbers."""
SUMMED = ("sent_packets", "sent_bytes", "dropped_packets")


class NetemLink(Link):
    """An open link. Both ends are network namespaces of this machine."""

    backend = "netem"
    meter_uri = f"netdev:{END_DEVICE}"

    def __init__(self, spec: LinkSpec, seed: int) -> None:
        """Raises LinkUnavailable for what netem cannot do, LinkFault when a command fails."""
        require_congestion_control(spec.congestion_control)
        self._congestion_control = spec.congestion_control
        self._spec = spec
        with ExitStack() as resources:
            ends = open_namespaces("edge", "router", "server")
            edge, self._router, server = resources.enter_context(ends)
            self._ends = (edge, server)
            self.edge, self.server = join(edge, self._router, server, spec.congestion_control)
            self._seeded = netem_kernel.takes_seed()
            self._commands = self._shaping(seed)
            _run_all(self._router, [*self._commands["uplink"], *self._commands["downlink"]])
            self._resources = resources.pop_all()
        self._before: dict[str, list[Counters]] = {}
        self._open = True

    def require_running(self) -> None:
        """Raises LinkFault: it is closed, a device is gone, or who removes the namespaces is."""
        self._counters()
        self._router.require_kept()

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """The server's own address: it is reached as on any network. Raises LinkFault."""
        self.require_running()
        return self.server.address, port

    def renew(self, weather: Weather) -> None:
        """Take the queueing disciplines away with all that waits in them, and make them anew.

        Before that all connections are ended at both ends.
        Traces and outages, which netem has not, do not count. Losses are the same for the same seed
        if the kernel takes one. Raises LinkFault.
        """
        for end in self._ends:
            end.end_connections()
        self._before = self._counters()
        self._commands = self._shaping(weather.seed)
        _run_all(self._router, shaping_again(self._commands))

    def describe(self) -> dict[str, Any]:
        """Commands, versions, and each netem's counters at this moment. Raises LinkFault.

        Packets dropped are those lost at random and those that found the queue full: netem does
        not tell them apart. Bytes are those of IP.
        """
        counted = self._counters()
        self._router.require_kept()
        return {
            "kernel": platform.release(),
            "iproute2": netem_kernel.iproute2_version(),
            "seeded": self._seeded,
            "steered_to_one_cpu": netns.privileged(),
            "congestion_control": self._congestion_control,
            "tc": {way: [" ".join(argv) for argv in done] for way, done in self._commands.items()},
            "qdisc": counted,
        }

    def close(self) -> None:
        """Take the namespaces down, and with them every device and whatever still runs there."""
        self._open = False
        super().close()

    def _shaping(self, seed: int) -> dict[str, list[Argv]]:
        return router_commands(self._spec, seed=seed if self._seeded else None)

    def _counters(self) -> dict[str, list[Counters]]:
        """Of all queueing disciplines so far; what waited in earlier ones is in no backlog."""
        self._require_open()
        shown = self._router.run("tc", "-s", "-j", "qdisc", "show")
        now = {way: counters(shown, commands) for way, commands in self._commands.items()}
        return {way: added(self._before.get(way, []), found) for way, found in now.items()}

    def _require_open(self) -> None:
        if not self._open:
            raise LinkFault("netem link: it is closed")


backend = Backend(
    "netem",
    missing=netem_kernel.missing,
    cannot=lambda spec: cannot(spec) or netem_kernel.missing_queue(spec),
    make=NetemLink,
)
"""Linux with sch_netem, and root or user namespaces; losses repeat if the kernel takes a seed."""


def counters(shown: str, commands: list[Argv]) -> list[Counters]:
    """One entry for each device that `commands` shaped, in the order packets meet them.

    shown: the output of `tc -s -j qdisc show`. Raises LinkFault where a device is not there.
    """
    found = {qdisc["dev"]: qdisc for qdisc in json.loads(shown) if qdisc.get("root")}
    without_headers = {argv[4] for argv in commands if "stab" in argv}
    shaped: list[Counters] = []
    for device in (argv[4] for argv in commands if "root" in argv):
        if device not in found:
            raise LinkFault(f"netem link: an interface of the link is gone: {device}")
        qdisc, header_bytes = found[device], 0 if device in without_headers else FRAME_HEADER_BYTES
        shaped.append(
            {
                "device": device,
                "sent_packets": qdisc["packets"],
                "sent_bytes": qdisc["bytes"] - header_bytes * qdisc["packets"],
                "dropped_packets": qdisc["drops"],
                "backlog_packets": qdisc["qlen"],
                "backlog_bytes": qdisc["backlog"] - header_bytes * qdisc["qlen"],
            }
        )
    return shaped


def added(before: list[Counters], now: list[Counters]) -> list[Counters]:
    """What each device sent and dropped, then and now, and what waits there now."""
    if not before:
        return now
    return [
        {key: old[key] + value if key in SUMMED else value for key, value in new.items()}
        for old, new in zip(before, now, strict=True)
    ]


def _run_all(router: Namespace, commands: list[Argv]) -> None:
    """Two processes instead of one for each command: devices first, then what is put on them."""
    for name in ("ip", "tc"):
        if lines := [" ".join(argv[1:]) for argv in commands if argv[0] == name]:
            router.batch(name, *lines)


def shaping_again(commands: dict[str, list[Argv]]) -> list[Argv]:
    """Of what `router_commands` gave for a router that is shaped: all that forgets what was.

    The queueing disciplines are deleted, with all packets in them, and added again.
    """
    adding = [
        argv
        for way in commands.values()
        for argv in way
        if argv[:3] == ("tc", "qdisc", "add") and argv[-1] != "ingress"
    ]
    deleted: list[Argv] = [
        ("tc", "qdisc", "del", "dev", argv[4], "root") for argv in adding if "root" in argv
    ]
    return [*deleted, *adding]
