"""What a link is, whoever provides it, and how one is chosen and opened.

A backend is one object with a name, a capability check and `open`. To add one, write its module
and name it in `BACKENDS`; `tests/contract/` then runs over it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Self

from emulation.errors import LinkUnavailable, SpecError
from emulation.spec import LinkSpec, Weather

BackendName = Literal["auto", "netem", "tun", "simpy"]
Transport = Literal["tcp", "udp"]


class Closing(ABC):
    """What has to be closed; `with` does it on every way out."""

    @abstractmethod
    def close(self) -> None:
        """Give back what it holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a link: where its programs run and the address they bind to.

    address: an IP address. argv_prefix: put before a command to run it at this end.
    """

    name: Literal["edge", "server"]
    address: str
    argv_prefix: tuple[str, ...] = ()


class Link(Closing):
    """An open link. Closing it leaves nothing behind: no process, device, namespace or file.

    meter_uri: for `meter.open_meter` at the edge end. _resources: what it holds.
    """

    backend: str
    edge: Endpoint
    server: Endpoint
    meter_uri: str
    _resources = ExitStack()

    @abstractmethod
    def require_running(self) -> None:
        """Raises LinkFault, which says what has ended, when something that the link needs has."""

    @abstractmethod
    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """Make a port at the server end reachable; returns what the edge dials.

        Raises LinkFault when the link no longer runs.
        """

    @abstractmethod
    def renew(self, weather: Weather) -> None:
        """Begin anew, as if opened now in this weather; takes milliseconds.

        TCP connections across it end, where the machine's kernel can, and what is under way is
        dropped. Exposed ports stay exposed, counters and meters go on counting. Raises LinkFault.
        """

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Backend facts worth keeping beside the results (commands, versions, counters)."""

    def close(self) -> None:
        """Take the link down, last things first. Safe to call twice."""
        self._resources.close()


class LoopbackLink(Link):
    """The link that is none: both ends on 127.0.0.1. The harness is measured on it."""

    backend = "loopback"
    meter_uri = "none"
    edge, server = Endpoint("edge", "127.0.0.1"), Endpoint("server", "127.0.0.1")

    def require_running(self) -> None:
        """Nothing can end here."""

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """The port itself."""
        return self.server.address, port

    def renew(self, weather: Weather) -> None:
        """There is none here."""

    def describe(self) -> dict[str, Any]:
        """Nothing worth keeping."""
        return {}


@dataclass(frozen=True, slots=True)
class Backend:
    """A way of providing links.

    missing(): None when this machine can give it, else what is missing and how to get it.
    cannot(spec): the same of one link. make(spec, seed): opens one.
    """

    name: str
    missing: Callable[[], str | None]
    make: Callable[[LinkSpec, int], Link]
    cannot: Callable[[LinkSpec], str | None] = lambda _: None

    def open(self, spec: LinkSpec, seed: int) -> Link:
        """Open a link that obeys `spec`; the same seed loses the same packets where possible.

        Its traces begin, and its outages count, from now until it is renewed. Raises
        LinkUnavailable or LinkFault.
        """
        if (why := self.missing() or self.cannot(spec)) is not None:
            raise LinkUnavailable(f"backend {self.name}: {why}")
        return self.make(spec, seed)


BACKENDS: Mapping[str, str] = {
    "netem": "emulation.netem.link",
    "tun": "emulation.tun.link",
    "simpy": "emulation.userspace.link",
}
"""Backend name -> module holding `backend`, imported only when asked for. Best first: a kernel's
own queueing, exact timers under the kernel's TCP, no privileges."""


def load_backend(name: str) -> Backend:
    """The backend called `name`. Raises SpecError when there is none of that name."""
    if name not in BACKENDS:
        raise SpecError(f"backend: found {name!r}, allowed: auto, {', '.join(BACKENDS)}")
    loaded: Backend = import_module(BACKENDS[name]).backend
    return loaded


def choose_backend(name: BackendName | str = "auto") -> tuple[Backend, str]:
    """Pick a backend by capability; returns it and the reason, in words.

    Raises LinkUnavailable when `name` (or, for auto, every backend) cannot be had here.
    """
    if name != "auto":
        backend = load_backend(name)
        if (why := backend.missing()) is not None:
            raise LinkUnavailable(f"backend {name}: {why}")
        return backend, "asked for by name"
    passed_over: list[str] = []
    for candidate in BACKENDS:
        backend = load_backend(candidate)
        try:
            why = backend.missing()
        except LinkUnavailable as error:
            why = str(error)
        if why is None:
            return backend, "; ".join(passed_over) or "first choice"
        passed_over.append(f"{candidate}: {why}")
    raise LinkUnavailable("no backend works here: " + "; ".join(passed_over))
